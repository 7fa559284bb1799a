namespace SkTuning.Models;

/// <summary>The angles of rotary positions: position · frequency, for half as many frequencies as there are rotated values.</summary>
internal sealed record RotaryTrait
{
    /// <summary>How many of a head's values are rotated.</summary>
    public required int Size { get; init; }
    public required double Theta { get; init; }

    /// <summary>Neighbours (0,1), (2,3)… are rotated together (gptj, cohere) instead of the two halves.</summary>
    public bool Interleaved { get; init; }

    public RotaryScaling Scaling { get; init; } = new NoScaling();

    /// <summary>The frequencies [Size/2] for a row of <paramref name="length"/> positions, and what cos and sin are multiplied by.</summary>
    public (double[] Frequencies, double Factor) For(long length) => Scaling.Frequencies(this, length);

    /// <summary>theta^(-2i/Size).</summary>
    public double[] Plain(double? theta = null) => [.. Enumerable.Range(0, Size / 2).Select(i => Math.Pow(theta ?? Theta, -2.0 * i / Size))];

    /// <summary>Reads both config styles: <c>rope_parameters</c> (transformers 5) and <c>rope_theta</c> with <c>rope_scaling</c>.</summary>
    /// <param name="config">The model's config.</param>
    /// <param name="headSize">Values a head.</param>
    /// <param name="context">max_position_embeddings.</param>
    /// <param name="theta">The family's default of rope_theta.</param>
    /// <param name="partial">The family's default of partial_rotary_factor.</param>
    public static RotaryTrait Read(ConfigJson config, int headSize, int context, double theta = 10000, double partial = 1)
        => Read(config, Parameters(config), headSize, context, theta, partial);

    /// <summary>The parameters under either name. Where both are written the older one wins, as in transformers, unless it is empty.</summary>
    public static ConfigJson? Parameters(ConfigJson config) => config.Inner("rope_scaling") is { IsEmpty: false } scaling ? scaling : config.Inner("rope_parameters");

    /// <summary>The same from parameters that the family picked (one set a kind of layer).</summary>
    public static RotaryTrait Read(ConfigJson config, ConfigJson? parameters, int headSize, int context, double theta = 10000, double partial = 1)
    {
        var share = parameters?.Has("partial_rotary_factor") == true ? parameters.Double("partial_rotary_factor") : config.Double("partial_rotary_factor", partial);
        var size = (int)(headSize * share);
        if (size < 2 || size % 2 != 0 || size > headSize) throw config.Refused("partial_rotary_factor", $"{share} of {headSize}", "an even number of rotated values");
        return new()
        {
            Size = size,
            Theta = parameters?.Has("rope_theta") == true ? parameters.Double("rope_theta") : config.Double("rope_theta", theta),
            Scaling = RotaryScaling.Read(config, parameters, context),
        };
    }
}

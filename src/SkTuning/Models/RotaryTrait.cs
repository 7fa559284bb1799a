namespace SkTuning.Models;

/// <summary>The angles of rotary positions: position · frequency, with one frequency for each pair of rotated values.</summary>
internal sealed record RotaryTrait
{
    /// <summary>The number of rotated values in a head.</summary>
    public required int Size { get; init; }

    /// <summary>The base of the frequencies.</summary>
    public required double Theta { get; init; }

    /// <summary>Whether adjacent values (0,1), (2,3)… are rotated together (gptj, cohere) instead of the two halves.</summary>
    public bool Interleaved { get; init; }

    /// <summary>The change of the frequencies for longer texts.</summary>
    public RotaryScaling Scaling { get; init; } = new NoScaling();

    /// <summary>Returns the frequencies [Size/2] for a row of <paramref name="length"/> positions, and the factor on cos and sin.</summary>
    public (double[] Frequencies, double Factor) For(long length) => Scaling.Frequencies(this, length);

    /// <summary>Returns the unscaled frequencies, theta^(-2i/Size).</summary>
    public double[] Plain(double? theta = null) => [.. Enumerable.Range(0, Size / 2).Select(i => Math.Pow(theta ?? Theta, -2.0 * i / Size))];

    /// <summary>Reads both config styles: <c>rope_parameters</c> (transformers 5) and <c>rope_theta</c> with <c>rope_scaling</c>.</summary>
    /// <param name="config">The config of the model.</param>
    /// <param name="headSize">The number of values in a head.</param>
    /// <param name="context">The value of max_position_embeddings.</param>
    /// <param name="theta">The family's default for rope_theta.</param>
    /// <param name="partial">The family's default for partial_rotary_factor.</param>
    public static RotaryTrait Read(ConfigJson config, int headSize, int context, double theta = 10000, double partial = 1)
        => Read(config, Parameters(config), headSize, context, theta, partial);

    /// <summary>Returns the parameters under either name. If both exist, the older one takes precedence unless it is empty, as in transformers.</summary>
    public static ConfigJson? Parameters(ConfigJson config)
        => config.Inner("rope_scaling") is { IsEmpty: false } scaling ? scaling : config.Inner("rope_parameters");

    /// <summary>Reads the trait from parameters that the family selected, because it has a set for each kind of layer.</summary>
    public static RotaryTrait Read(ConfigJson config, ConfigJson? parameters, int headSize, int context, double theta = 10000, double partial = 1)
    {
        const string key = "partial_rotary_factor";
        var share = parameters?.Has(key) == true ? parameters.Double(key) : config.Double(key, partial);
        var size = (int)(headSize * share);
        if (size < 2 || size % 2 != 0 || size > headSize)
            throw config.Refused(key, FormattableString.Invariant($"{share} of {headSize}"), "an even number of rotated values");
        return new()
        {
            Size = size,
            Theta = parameters?.Has("rope_theta") == true ? parameters.Double("rope_theta") : config.Double("rope_theta", theta),
            Scaling = RotaryScaling.Read(config, parameters, context),
        };
    }
}

using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// Factors on the inner activations of the feed-forwards. The gradient of a scalar with respect to a factor of 1 is the sum over all positions of gradient
/// times activation, and a factor of 0 removes the unit: a model with 0 and 1 computes what the model with sliced weights does.
/// </summary>
internal static class UnitScales
{
    /// <summary>Returns an injection with a factor on each unit, in addition to what it changes already.</summary>
    /// <param name="injection">The injection.</param>
    /// <param name="scales">The factors of each layer, [units].</param>
    public static Injection Scaled(this Injection injection, IReadOnlyList<Tensor> scales)
        => injection.AtDown(scales.Count, (layer, own) => own with { InputScale = own.InputScale is { } scale ? scale * scales[layer] : scales[layer] });

    /// <summary>Returns an injection that also passes the inner activations [B,S,units] of each layer on.</summary>
    /// <param name="injection">The injection.</param>
    /// <param name="layers">The number of layers.</param>
    /// <param name="take">Receives the layer and its activations, which belong to the pass.</param>
    public static Injection Tapped(this Injection injection, int layers, Action<int, Tensor> take)
        => injection.AtDown(layers, (layer, own) => own with { Tap = x => take(layer, own.InputScale is { } scale ? x * scale.to_type(x.dtype) : x) });

    private static Injection AtDown(this Injection injection, int layers, Func<int, LinearOverride, LinearOverride> change)
    {
        var linears = injection.Linears?.ToDictionary() ?? [];
        for (var l = 0; l < layers; l++)
        {
            var place = new LinearPlace(l, LinearPart.Down);
            linears[place] = change(l, linears.GetValueOrDefault(place) ?? new());
        }
        return injection with { Linears = linears };
    }
}

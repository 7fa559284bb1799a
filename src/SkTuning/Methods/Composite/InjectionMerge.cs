using SkTuning.Models;

namespace SkTuning.Methods.Composite;

/// <summary>Merges two injections into one. A place that both fill is refused by name.</summary>
internal static class InjectionMerge
{
    public static Injection Of(string nameOne, Injection one, string nameTwo, Injection two)
    {
        return new()
        {
            InputPrompt = Only("an input prompt", one.InputPrompt, two.InputPrompt),
            Prefix = Only("a prefix", one.Prefix, two.Prefix),
            PrefixMask = Only("a prefix mask", one.PrefixMask, two.PrefixMask),
            KeepsHiddenPositions = one.KeepsHiddenPositions || two.KeepsHiddenPositions,
            PositionOffset = Only("a position offset", one.PositionOffset, two.PositionOffset),
            Memory = Only("a memory", one.Memory, two.Memory),
            Linears = Merged(one.Linears, two.Linears, (place, a, b) => Both($"{place.Part} of layer {place.Layer}", a, b)),
            Parameters = Merged(one.Parameters, two.Parameters, (name, _, _) => throw Refused($"'{name}'")),
        };

        T? Only<T>(string what, T? a, T? b) where T : class => a is null ? b : b is null ? a : throw Refused(what);

        SkTuningException Refused(string what) => new($"The methods {nameOne} and {nameTwo} cannot be joined: both inject {what}.");

        // (W(x·in) + low rank + bias)·out, whichever method each comes from: IA3's factor is applied after LoRA's addition.
        LinearOverride Both(string place, LinearOverride a, LinearOverride b)
        {
            var low = a.Down is null ? b : a;
            return new()
            {
                InputScale = Only($"a scale of the input of {place}", a.InputScale, b.InputScale),
                OutputScale = Only($"a scale of the output of {place}", a.OutputScale, b.OutputScale),
                Bias = Only($"a bias of {place}", a.Bias, b.Bias),
                Down = Only($"a low-rank addition to {place}", a.Down, b.Down),
                Up = low.Up,
                LowRankScale = low.LowRankScale,
                Dropout = low.Dropout,
            };
        }
    }

    private static IReadOnlyDictionary<TKey, TValue>? Merged<TKey, TValue>(IReadOnlyDictionary<TKey, TValue>? one, IReadOnlyDictionary<TKey, TValue>? two,
        Func<TKey, TValue, TValue, TValue> both) where TKey : notnull
    {
        if (one is null || two is null) return one ?? two;
        var merged = new Dictionary<TKey, TValue>(one);
        foreach (var (key, value) in two) merged[key] = merged.TryGetValue(key, out var there) ? both(key, there, value) : value;
        return merged;
    }
}

using System.Globalization;
using SkTuning.Data;

namespace SkTuning.Compare;

/// <summary>The descriptions of labels that a trial reads: those of the method or of the data set, or what takes their place.</summary>
internal static class CellDescriptions
{
    /// <summary>Everyday words that are not about any task.</summary>
    private static readonly string[] Words =
    [
        "acorn", "anchor", "apron", "arch", "barrel", "basket", "beam", "bench", "birch", "blanket", "bolt", "bottle", "bracket", "brick", "bridge", "broom",
        "bucket", "button", "cabin", "candle", "canvas", "carpet", "chain", "chalk", "chimney", "clay", "cliff", "cloud", "copper", "cord", "corner", "cradle",
        "crate", "curtain", "dune", "fence", "ferry", "flute", "forest", "fountain", "gate", "glove", "gravel", "hammer", "harbor", "hedge", "hinge", "hook",
        "kettle", "ladder", "lantern", "leaf", "lever", "linen", "marble", "meadow", "mirror", "moss", "needle", "oven", "paddle", "pebble", "pillow", "plank",
        "pond", "pulley", "quilt", "rail", "ribbon", "river", "roof", "rope", "saddle", "sail", "sand", "shelf", "shovel", "sleeve", "slope", "spoon",
        "stair", "stone", "string", "thread", "tile", "timber", "tower", "trail", "tray", "tunnel", "umbrella", "valley", "velvet", "vine", "wagon", "wall",
        "wheel", "willow", "window", "wool",
    ];

    /// <summary>Returns the descriptions; null if there are none.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="method">The method.</param>
    /// <param name="seed">The seed of the trial.</param>
    /// <param name="all">The labels of the data set.</param>
    /// <param name="labels">The labels that are described: those of the trial's rows.</param>
    /// <exception cref="SkTuningException">A description is for another label, or one that is needed is missing.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>>? Of(PlanDataSet data, PlanMethod method, ulong seed, LabelSet all, LabelSet labels)
    {
        if (MethodTraits.IsBaseline(method.Kind)) return null;
        var own = method.Descriptions.GetValueOrDefault(data.Name);
        if ((own ?? data.Descriptions) is not { Count: > 0 } written)
        {
            return method.LabelTexts is LabelTexts.AsWritten or LabelTexts.Names
                ? null
                : throw new SkTuningException($"{method.Title}: labelTexts is {method.LabelTexts}, expected descriptions of the labels of {data.Name}.");
        }
        if (written.Keys.FirstOrDefault(l => all.IndexOf(l) < 0) is { } unknown)
            throw new SkTuningException($"{(own is null ? data.Name : $"{method.Title}, {data.Name}")}: descriptions has a text for " +
                $"'{SkTuningFileException.OneLine(unknown)}', expected one of the labels: {SkTuningFileException.OneLine(string.Join(", ", all), 1000)}.");
        if (method.LabelTexts == LabelTexts.Names) return null;
        var texts = labels.Where(written.ContainsKey).ToDictionary(l => l, l => written[l], StringComparer.Ordinal);
        if (method.LabelTexts == LabelTexts.AsWritten) return texts;
        if (labels.FirstOrDefault(l => !texts.ContainsKey(l)) is { } missing)
            throw new SkTuningException($"{method.Title}: labelTexts is {method.LabelTexts}, expected a description of every label of {data.Name}, " +
                $"also of '{SkTuningFileException.OneLine(missing)}'.");
        return method.LabelTexts == LabelTexts.Swapped
            ? labels.Index().ToDictionary(l => l.Item, l => texts[labels[(l.Index + 1) % labels.Count]], StringComparer.Ordinal)
            : AtRandom(texts, labels, data.Name, seed);
    }

    /// <summary>Replaces each text with as many random words. Each seed draws others, because a single draw can be lucky.</summary>
    private static Dictionary<string, IReadOnlyList<string>> AtRandom(
        Dictionary<string, IReadOnlyList<string>> texts, LabelSet labels, string name, ulong seed)
    {
        var start = RowHash.Of(FormattableString.Invariant($"{seed} {name}"))[..16];
        var random = new Shuffler(ulong.Parse(start, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        var drawn = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var label in labels) drawn[label] = [.. texts[label].Select(Draw)];
        return drawn;

        string Draw(string text)
            => string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(_ => Words[random.Next(Words.Length)]));
    }
}

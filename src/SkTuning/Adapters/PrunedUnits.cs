namespace SkTuning.Adapters;

/// <summary>The feed-forward units that the model of an adapter keeps.</summary>
internal sealed record PrunedUnits
{
    /// <summary>What the units were chosen by.</summary>
    public required PruningScore By { get; init; }

    /// <summary>The share of units that was to be kept.</summary>
    public required double Keep { get; init; }

    /// <summary>The number of units in each layer of the whole model.</summary>
    public required int Units { get; init; }

    /// <summary>The units that each layer keeps, ascending.</summary>
    public required IReadOnlyList<int[]> Kept { get; init; }

    /// <summary>Refuses units that a base does not have.</summary>
    /// <exception cref="SkTuningFileException">The message names the key.</exception>
    public void Check(string file, FrozenModel model)
    {
        var config = model.Config;
        if (Kept.Count != config.Layers)
            throw SkTuningException.BadFile(file, "pruning.kept", $"the units of {Kept.Count} layers", $"those of {config.Layers}");
        if (Units != config.FeedForward.Size)
            throw SkTuningException.BadFile(file, "pruning.units", $"{Units}", $"the inner size {config.FeedForward.Size} of the base");
        if (model.Transformer.PruningRefusal is { } reason)
            throw SkTuningException.BadFile(file, "pruning", "the units of a pruned base", "none", reason);
    }
}

/// <summary>The key <c>pruning</c> of adapter.json.</summary>
/// <param name="By">The name of the <see cref="PruningScore"/>, in lower case.</param>
/// <param name="Keep">The share of units that was to be kept.</param>
/// <param name="Units">The number of units in each layer of the whole model.</param>
/// <param name="Kept">A bit for each unit of each layer, as bytes in hexadecimal digits; the lowest bit of the first byte is unit 0.</param>
internal sealed record PruningFile(string By, double Keep, int Units, string[] Kept)
{
    private const int MaxUnits = 1 << 20;

    public static PruningFile? Of(PrunedUnits? pruned)
        => pruned is null ? null : new(NameOf(pruned.By), pruned.Keep, pruned.Units, [.. pruned.Kept.Select(k => Digits(k, pruned.Units))]);

    /// <summary>Returns the name of a score in files and on the command line.</summary>
    public static string NameOf(PruningScore score) => score.ToString().ToLowerInvariant();

    /// <exception cref="SkTuningFileException">A value cannot be used; the message names its key.</exception>
    public PrunedUnits Read(string file)
    {
        PruningScore[] named = [.. Enum.GetValues<PruningScore>().Where(s => NameOf(s) == By)];
        Require("by", $"\"{By}\"", named.Length == 1, string.Join(", ", Enum.GetValues<PruningScore>().Select(NameOf)));
        Require("keep", FormattableString.Invariant($"{Keep}"), Keep is > 0 and <= 1, "above 0, at most 1");
        Require("units", FormattableString.Invariant($"{Units}"), Units is >= 1 and <= MaxUnits, $"1 to {MaxUnits}");
        return new() { By = named[0], Keep = Keep, Units = Units, Kept = [.. Kept.Select((digits, layer) => UnitsOf(digits, layer, file))] };

        void Require(string key, string found, bool isValid, string expected)
        {
            if (!isValid) throw SkTuningException.BadFile(file, $"pruning.{key}", found, expected);
        }
    }

    private static string Digits(int[] kept, int units)
    {
        var bits = new byte[(units + 7) / 8];
        foreach (var unit in kept) bits[unit / 8] |= (byte)(1 << (unit % 8));
        return Convert.ToHexStringLower(bits);
    }

    private int[] UnitsOf(string? digits, int layer, string file)
    {
        var bits = new byte[(Units + 7) / 8];
        int[] kept = digits?.Length == 2 * bits.Length && Convert.FromHexString(digits, bits, out _, out _) == System.Buffers.OperationStatus.Done
            ? [.. Enumerable.Range(0, 8 * bits.Length).Where(u => (bits[u / 8] >> (u % 8) & 1) == 1)] : [];
        if (kept.Length > 0 && kept[^1] < Units) return kept;
        throw SkTuningException.BadFile(file, $"pruning.kept[{layer}]", "not the bits of units", $"{2 * bits.Length} hexadecimal digits for {Units} units, "
            + "one or more of which are kept", "The file is damaged.");
    }
}

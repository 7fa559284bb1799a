using SkTuning.Batches;
using SkTuning.Data;

namespace SkTuning.Pretraining;

/// <summary>The sequences that a model of units learns.</summary>
/// <param name="sequences">The sequences.</param>
/// <param name="units">The number of different units.</param>
internal sealed class UnitSequences(IReadOnlyList<int[]> sequences, int units)
{
    /// <summary>The maximum number of sequences that are held out, and of their scores of all units, which are in memory at the same time: 1 GiB.</summary>
    private const int MostHeldOut = 500, MostScores = 1 << 28;

    /// <summary>The number of different units.</summary>
    public int Units => units;

    /// <summary>Reads sequences.</summary>
    /// <param name="texts">Units separated by spaces.</param>
    /// <param name="known">The number of different units; null for the largest unit and all below it.</param>
    /// <exception cref="SkTuningException">A text is not a sequence of units, or there are none.</exception>
    public static UnitSequences Read(IEnumerable<string> texts, int? known)
    {
        int[][] all = [.. texts.Select((text, i) => UnitText.Read(text, (found, expected) => Refused(i, found, expected)))];
        if (all.Length == 0) throw new SkTuningException("There are no sequences to learn.");
        if (known is { } count)
        {
            var expected = $"units from 0 to {count - 1}: {nameof(UnitModelOptions)}.{nameof(UnitModelOptions.Units)} is {count}";
            foreach (var (i, sequence) in all.Index())
                if (sequence.Max() is var unit && unit >= count) throw Refused(i, $"a unit is {unit}", expected);
        }
        return new(all, known ?? Math.Max(all.Max(s => s.Max()) + 1, 2));
    }

    private static SkTuningException Refused(int index, string found, string expected)
        => new($"Sequence {index + 1}: {found}, expected {expected}.");

    /// <summary>Returns the sequences as rows: the answer at each token is the token after it.</summary>
    /// <param name="start">The token before each sequence.</param>
    /// <param name="options">How many sequences are held out, and the maximum length of a row.</param>
    public (IReadOnlyList<EncodedRow> Train, IReadOnlyList<EncodedRow> Dev) Rows(int start, UnitModelOptions options)
    {
        if (options.DevFraction == 0) return (Encoded(sequences), []);
        var most = Math.Clamp(MostScores / (sequences.Average(s => s.Length) * units), 1, MostHeldOut);
        var fraction = Math.Min(options.DevFraction, most / sequences.Count);
        var split = Splits.Random([.. sequences.Select(s => new Row(string.Join(' ', s), ""))], fraction, options.Seed);
        return (Encoded(split.Train.Select(Units)), Encoded(split.HeldOut.Select(Units)));

        static int[] Units(Row row) => UnitText.Read(row.Text, (found, expected) => new InvalidOperationException($"{found}, expected {expected}"));

        EncodedRow[] Encoded(IEnumerable<int[]> some) => [.. some.SelectMany(s => s.Chunk(options.Context)).Select(Answered)];

        EncodedRow Answered(int[] part) => new([start, .. part[..^1]]) { Classes = part, AnswerPositions = [.. Enumerable.Range(0, part.Length)] };
    }
}

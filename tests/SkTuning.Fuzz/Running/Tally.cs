using System.Globalization;
using System.Text;

namespace SkTuning.Fuzz.Running;

/// <summary>Counts outcomes for the table at the end.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<int, Counts> _readers = [];

    public void Add(int reader, Outcome outcome)
    {
        if (!_readers.TryGetValue(reader, out var counts)) _readers[reader] = counts = new();
        counts.Of[(int)outcome.Kind]++;
        counts.Slowest = Math.Max(counts.Slowest, outcome.Milliseconds);
        counts.Largest = Math.Max(counts.Largest, outcome.Growth);
    }

    /// <summary>The table in Markdown.</summary>
    public string Markdown()
    {
        var text = new StringBuilder();
        text.AppendLine("| reader | inputs | refused | refused in use | used | other exception | death | over 20 s | over 2 GB | not finite | valid refused "
            + "| slowest | largest |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        var sum = new Counts();
        foreach (var (reader, counts) in _readers)
        {
            for (var i = 0; i < sum.Of.Length; i++) sum.Of[i] += counts.Of[i];
            (sum.Slowest, sum.Largest) = (Math.Max(sum.Slowest, counts.Slowest), Math.Max(sum.Largest, counts.Largest));
            Line(Readers.AllReaders.All[reader].Name, counts);
        }
        Line("**all**", sum);
        return text.ToString();

        void Line(string name, Counts counts) => text.AppendLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {counts.Of.Sum()} | {string.Join(" | ", counts.Of)} | {counts.Slowest / 1000.0:F1} s | {counts.Largest >> 20} MB |"));
    }

    private sealed class Counts
    {
        public int[] Of { get; } = new int[Enum.GetValues<OutcomeKind>().Length];
        public long Slowest { get; set; }
        public long Largest { get; set; }
    }
}

using SkTuning.Data;

namespace SkTuning.Prompts;

/// <summary>Rows with their answers as a part of a prompt.</summary>
internal static class Demonstrations
{
    private const string End = "\n\n";

    /// <summary>Returns a row in its template, followed by its answer, as a part of a prompt: a word that continues the template.</summary>
    public static string Of(RowTemplate template, string text, string? text2, string word)
    {
        var row = template.Fill(text, text2);
        var gap = row.Length == 0 || char.IsWhiteSpace(row[^1]) ? "" : " ";
        return PromptText.Literal(row + gap + word) + End;
    }

    /// <summary>Returns a prompt that ends with demonstrations, so that a row continues it.</summary>
    public static string After(string prompt, IEnumerable<string> demonstrations)
        => string.Concat(demonstrations.Prepend(prompt.Length == 0 ? "" : prompt.TrimEnd() + End));

    /// <summary>Chooses rows of each label at random, in rounds: one of each label, then the next of each.</summary>
    /// <param name="labels">The label of each row.</param>
    /// <param name="count">The number of rows of each label; a label with fewer gives all it has.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>The indices of the rows.</returns>
    public static IReadOnlyList<int> Choose(IReadOnlyList<int> labels, int count, ulong seed)
    {
        var order = Enumerable.Range(0, labels.Count).ToArray();
        new Shuffler(seed).Shuffle<int>(order);
        var taken = new Dictionary<int, int>();
        var chosen = new List<(int Round, int Label, int Row)>();
        foreach (var row in order)
        {
            var round = taken.GetValueOrDefault(labels[row]);
            if (round == count) continue;
            taken[labels[row]] = round + 1;
            chosen.Add((round, labels[row], row));
        }
        return [.. chosen.OrderBy(c => c.Round).ThenBy(c => c.Label).Select(c => c.Row)];
    }
}

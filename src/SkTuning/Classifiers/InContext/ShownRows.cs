using SkTuning.Data;
using SkTuning.Prompts;

namespace SkTuning.Classifiers.InContext;

/// <summary>Training rows that a model reads with their labels before a text.</summary>
internal static class ShownRows
{
    /// <summary>Returns the indices of the rows to show: the labels in turn, each row at random among those of its label.</summary>
    public static int[] Choose(IReadOnlyList<Row> rows, IReadOnlyList<string> labels, int count, ulong seed)
    {
        int[] shuffled = [.. Enumerable.Range(0, rows.Count)];
        new Shuffler(seed).Shuffle<int>(shuffled);
        var turns = labels.SelectMany((label, l) => shuffled.Where(i => rows[i].Label == label).Select((i, turn) => (Turn: turn, Label: l, Row: i)));
        return [.. turns.OrderBy(t => t.Turn).ThenBy(t => t.Label).Take(count).Select(t => t.Row)];
    }

    /// <summary>Returns the prompt that shows rows after a text, such as an instruction.</summary>
    /// <param name="prompt">The text; can be empty.</param>
    /// <param name="rows">The rows, in their order.</param>
    /// <param name="template">The text around each row.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="words">The word of each label.</param>
    public static string Prompt(string prompt, IEnumerable<Row> rows, RowTemplate template, string[] labels, string[] words)
    {
        var shown = rows.Select(row => Joined(template.Fill(row.Text, row.Text2), words[Array.IndexOf(labels, row.Label)]));
        return string.Join("\n\n", prompt.Length == 0 ? shown : shown.Prepend(prompt)) + "\n\n";
    }

    private static string Joined(string text, string word)
        => text.Length == 0 || char.IsWhiteSpace(text[^1]) || char.IsWhiteSpace(word[0]) ? text + word : $"{text} {word}";
}

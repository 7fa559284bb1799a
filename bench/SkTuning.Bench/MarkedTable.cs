namespace SkTuning.Bench;

/// <summary>A table between two markers of a document.</summary>
internal static class MarkedTable
{
    /// <summary>Puts it between <c>&lt;!-- name: begin --&gt;</c> and <c>&lt;!-- name: end --&gt;</c>, in place of what is there.</summary>
    public static void Insert(string file, string name, string table)
    {
        var (first, last) = ($"<!-- {name}: begin -->", $"<!-- {name}: end -->");
        var text = File.ReadAllText(file);
        var (begin, end) = (text.IndexOf(first, StringComparison.Ordinal), text.IndexOf(last, StringComparison.Ordinal));
        if (begin < 0 || end < begin) throw new SkTuningException($"{file}: lacks the markers {first} and {last}.");
        File.WriteAllText(file, $"{text[..(begin + first.Length)]}\n{table}\n{text[end..]}");
    }
}

namespace SkTuning.Bench;

/// <summary>A table in a document, between two markers that its name makes.</summary>
internal static class MarkedText
{
    /// <summary>Puts a text in place of what stands between the markers.</summary>
    public static void Insert(string file, string name, string table)
    {
        var (begin, end) = ($"<!-- {name}: begin -->", $"<!-- {name}: end -->");
        var text = File.ReadAllText(file);
        var (from, to) = (text.IndexOf(begin, StringComparison.Ordinal), text.IndexOf(end, StringComparison.Ordinal));
        if (from < 0 || to < from) throw new SkTuningException($"{file}: lacks the markers {begin} and {end}.");
        File.WriteAllText(file, $"{text[..(from + begin.Length)]}\n{table}\n{text[to..]}");
    }
}

namespace SkTuning.Bench;

/// <summary>A section of a document between two markers that contain its name.</summary>
internal static class MarkedText
{
    /// <summary>Replaces the text between the markers.</summary>
    public static void Insert(string file, string name, string table)
    {
        var (begin, end) = ($"<!-- {name}: begin -->", $"<!-- {name}: end -->");
        var text = File.ReadAllText(file);
        var (from, to) = (text.IndexOf(begin, StringComparison.Ordinal), text.IndexOf(end, StringComparison.Ordinal));
        if (from < 0 || to < from) throw new SkTuningException($"{file}: lacks the markers {begin} and {end}.");
        File.WriteAllText(file, $"{text[..(from + begin.Length)]}\n{table}\n{text[to..]}");
    }
}

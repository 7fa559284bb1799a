namespace SkTuning.Data.Csv;

/// <summary>Finds the character between the fields of a file: spreadsheets use a semicolon where the comma is the decimal sign.</summary>
internal static class CsvSeparator
{
    private static readonly char[] Known = [',', ';', '\t', '|'];

    /// <summary>
    /// Returns the separator that gives the first line the columns that are read. If none does, a header gets the one that divides it
    /// most, and a row the comma.
    /// </summary>
    public static char Find(string firstLine, RowFileOptions options, bool withLabels)
    {
        if (!options.HasHeader) return withLabels ? First(c => Fields(firstLine, c).Count is 2 or 3) ?? ',' : ',';
        List<string> required = [options.TextColumn];
        if (withLabels) required.Add(options.LabelColumn);
        if (options.GroupColumn is { } group) required.Add(group);
        return First(c => required.TrueForAll(Fields(firstLine, c).Contains)) ?? Known.MaxBy(c => Fields(firstLine, c).Count);
    }

    /// <summary>Returns the separator's name for a message.</summary>
    public static string Name(char separator) => separator switch
    {
        ',' => "a comma",
        ';' => "a semicolon",
        '\t' => "a tab",
        _ => $"the character '{separator}'",
    };

    private static char? First(Predicate<char> suits)
    {
        foreach (var c in Known)
            if (suits(c)) return c;
        return null;
    }

    /// <summary>Divides a line outside of quotes.</summary>
    private static List<string> Fields(string line, char separator)
    {
        var (fields, start, quoted) = (new List<string>(), 0, false);
        for (var i = 0; i <= line.Length; i++)
        {
            if (i < line.Length && line[i] == '"') quoted = !quoted;
            if (i < line.Length && (quoted || line[i] != separator)) continue;
            var field = line[start..i];
            fields.Add(field is ['"', .., '"'] ? field[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : field);
            start = i + 1;
        }
        return fields;
    }
}

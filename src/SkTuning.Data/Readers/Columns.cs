namespace SkTuning.Data;

/// <summary>Where the fields of a row stand in a table; -1 for a column that is not there or not asked for.</summary>
internal sealed record Columns(int Count, int Text, int Text2, int Label, int Group)
{
    /// <summary>By the names in the first line.</summary>
    public static Columns Named(string path, IReadOnlyList<string> header, RowFileOptions options, bool labelled)
    {
        return new(header.Count,
            Find(options.TextColumn, nameof(options.TextColumn), required: true),
            Find(options.Text2Column, nameof(options.Text2Column), required: false),
            labelled ? Find(options.LabelColumn, nameof(options.LabelColumn), required: true) : -1,
            options.GroupColumn is { } group ? Find(group, nameof(options.GroupColumn), required: true) : -1);

        int Find(string name, string option, bool required)
        {
            var found = -1;
            for (var i = 0; i < header.Count; i++)
            {
                if (header[i] != name) continue;
                if (found >= 0) throw SkTuningException.BadFile(path, "line 1", $"a header with two columns '{name}'", "each name once");
                found = i;
            }
            return found >= 0 || !required ? found : throw SkTuningException.BadFile(path, "line 1", $"a header with {Listed(header)}", $"a column '{name}'",
                $"Name the column with the option {option}, or say HasHeader = false if the first line is a row.");
        }
    }

    /// <summary>By their order, for a file without names.</summary>
    public static Columns InOrder(string path, int count, bool labelled) => (labelled, count) switch
    {
        (false, _) => new(count, 0, -1, -1, -1),
        (true, 2) => new(2, 0, -1, 1, -1),
        (true, 3) => new(3, 0, 1, 2, -1),
        _ => throw SkTuningException.BadFile(path, "line 1", Fields(count), "2 (text, label) or 3 (text, second text, label) in a file without a header", "Name the columns in a first line."),
    };

    public static string Fields(int count) => count == 1 ? "a row of 1 field" : $"a row of {count} fields";

    /// <summary>The first 20 names in quotes.</summary>
    public static string Listed(IReadOnlyList<string> header)
    {
        const int Shown = 20;
        var names = string.Join(", ", header.Take(Shown).Select(h => $"'{(h.Length > 40 ? h[..40] + "…" : h)}'"));
        return header.Count > Shown ? $"{names} and {header.Count - Shown} more" : names;
    }
}

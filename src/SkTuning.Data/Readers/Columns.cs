namespace SkTuning.Data;

/// <summary>The column index of each field of a row; -1 for a column that is missing or not requested.</summary>
internal sealed record Columns(int Count, int Text, int Text2, int Label, int Group)
{
    /// <summary>Finds the columns by the names in the first line.</summary>
    public static Columns Named(string path, IReadOnlyList<string> header, RowFileOptions options, bool withLabels, string? advice = null)
    {
        return new(header.Count,
            Find(options.TextColumn, nameof(options.TextColumn), required: true),
            Find(options.Text2Column, nameof(options.Text2Column), required: false),
            withLabels ? Find(options.LabelColumn, nameof(options.LabelColumn), required: true) : -1,
            options.GroupColumn is { } group ? Find(group, nameof(options.GroupColumn), required: true) : -1);

        int Find(string name, string option, bool required)
        {
            var noHeader = options.OptionNames is null ? $"{nameof(options.HasHeader)} = false" : options.NameOf(nameof(options.HasHeader));
            var found = -1;
            for (var i = 0; i < header.Count; i++)
            {
                if (header[i] != name) continue;
                if (found >= 0) throw SkTuningException.BadFile(path, "line 1", $"a header with two columns named '{name}'", "unique names");
                found = i;
            }
            return found >= 0 || !required ? found : throw SkTuningException.BadFile(path, "line 1", $"a header with {Listed(header)}", $"a column '{name}'",
                $"Name the column with the option {options.NameOf(option)}, or set {noHeader} if the first line is a row.{advice}");
        }
    }

    /// <summary>Assigns the columns by position, for a file without a header.</summary>
    public static Columns InOrder(string path, int count, bool withLabels) => (withLabels, count) switch
    {
        (false, _) => new(count, 0, -1, -1, -1),
        (true, 2) => new(2, 0, -1, 1, -1),
        (true, 3) => new(3, 0, 1, 2, -1),
        _ => throw SkTuningException.BadFile(path, "line 1", Fields(count),
            "2 (text, label) or 3 (text, second text, label) in a file without a header", "Add a header that names the columns."),
    };

    public static string Fields(int count) => count == 1 ? "a row of 1 field" : $"a row of {count} fields";

    /// <summary>Returns the first 20 names in quotes.</summary>
    public static string Listed(IReadOnlyList<string> header)
    {
        const int MaxNames = 20;
        var names = string.Join(", ", header.Take(MaxNames).Select(h => $"'{(h.Length > 40 ? h[..40] + "…" : h)}'"));
        return header.Count > MaxNames ? $"{names} and {header.Count - MaxNames} more" : names;
    }
}

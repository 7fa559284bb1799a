namespace SkTuning.Data;

/// <summary>What readers of rows have in common: how a label is written.</summary>
internal abstract class RowParser(string path, RowFileOptions options, bool labelled) : RecordParser<Row>(path)
{
    protected RowFileOptions Options { get; } = options;

    /// <summary>Whether the labels are asked for.</summary>
    protected bool IsLabelled { get; } = labelled;

    /// <summary>A row whose label, or labels behind one another, are one string.</summary>
    protected Row Row(string text, string? text2, string field, string? group)
    {
        if (!IsLabelled) return Unlabelled(text, text2, group);
        if (Options.LabelSeparator is { } separator)
            return Row(text, text2, string.IsNullOrWhiteSpace(field) ? [] : field.Split(separator, StringSplitOptions.TrimEntries), group);
        // A label says something: a blank one is a mistake in the file, not a class.
        if (string.IsNullOrWhiteSpace(field)) throw Bad($"a row whose '{Options.LabelColumn}' is empty", "a label");
        return Unlabelled(text, text2, group) with { Label = Named(field) };
    }

    /// <summary>A row of any number of labels.</summary>
    protected Row Row(string text, string? text2, IEnumerable<string> labels, string? group)
    {
        var all = new List<string>();
        foreach (var label in labels)
        {
            if (string.IsNullOrWhiteSpace(label)) throw Bad($"a row whose '{Options.LabelColumn}' holds an empty label", "labels");
            var name = Named(label);
            if (all.Contains(name)) throw Bad($"a row whose '{Options.LabelColumn}' holds '{name}' twice", "each label once");
            all.Add(name);
        }
        return Unlabelled(text, text2, group) with { Labels = all };
    }

    private Row Unlabelled(string text, string? text2, string? group) => new(text, "") { Text2 = text2, Group = group, Line = Line };

    private string Named(string label)
    {
        if (Options.LabelMap is not { } map) return label;
        return map.TryGetValue(label, out var name) ? name : throw Bad($"a row whose '{Options.LabelColumn}' is '{label}'", $"one of {new LabelSet(map.Keys)}", "Name every label of the file in the label map.");
    }
}

namespace SkTuning.Data;

/// <summary>The base class of parsers of rows: reads labels.</summary>
internal abstract class RowParser(string path, RowFileOptions options, bool withLabels) : RecordParser<Row>(path)
{
    protected RowFileOptions Options { get; } = options;

    /// <summary>Whether labels are read.</summary>
    protected bool WithLabels { get; } = withLabels;

    /// <summary>Creates a row from a field with one label, or with several labels and separators.</summary>
    protected Row Row(string text, string? text2, string field, string? group)
    {
        if (!WithLabels) return Unlabeled(text, text2, group);
        if (Options is { LabelSeparator: { } separator, HasNumericLabels: false })
            return Row(text, text2, string.IsNullOrWhiteSpace(field) ? [] : field.Split(separator, StringSplitOptions.TrimEntries), group);
        // A blank label is a mistake in the file, not a class.
        if (string.IsNullOrWhiteSpace(field)) throw Bad($"a row whose '{Options.LabelColumn}' is empty", "a label");
        var name = Named(field);
        if (Options.HasNumericLabels && !SkTuning.Row.TryScore(name, out _))
            throw Bad($"a row whose '{Options.LabelColumn}' is '{name}'", "a number such as 3.5", SkTuning.Row.NumberAdvice(name));
        return Unlabeled(text, text2, group) with { Label = name };
    }

    /// <summary>Creates a row with any number of labels.</summary>
    protected Row Row(string text, string? text2, IEnumerable<string> labels, string? group)
    {
        if (Options.HasNumericLabels) throw Bad($"a row whose '{Options.LabelColumn}' is a list", "one number");
        var all = new List<string>();
        foreach (var label in labels)
        {
            if (string.IsNullOrWhiteSpace(label)) throw Bad($"a row whose '{Options.LabelColumn}' contains an empty label", "labels");
            var name = Named(label);
            if (all.Contains(name)) throw Bad($"a row whose '{Options.LabelColumn}' contains '{name}' twice", "each label once");
            all.Add(name);
        }
        return Unlabeled(text, text2, group) with { Labels = all };
    }

    private Row Unlabeled(string text, string? text2, string? group) => new(text, "") { Text2 = text2, Group = group, Line = Line };

    private string Named(string label)
    {
        if (Options.LabelMap is not { } map) return label;
        return LabelNames.TryMap(map, label, out var name)
            ? name
            : throw Bad($"a row whose '{Options.LabelColumn}' is '{label}'", $"one of {new LabelSet(map.Keys)}",
                "Add every label of the file to the label map.");
    }
}

namespace SkTuning.Reports.Html;

/// <summary>What stands in a column.</summary>
internal enum ColumnKind
{
    /// <summary>A short name.</summary>
    Name,

    /// <summary>A number, to the right.</summary>
    Number,

    /// <summary>Text of any length, with its line ends.</summary>
    Prose,
}

/// <summary>A column of a table.</summary>
internal sealed record Column(string Title, ColumnKind Kind = ColumnKind.Name)
{
    public static implicit operator Column(string title) => new(title);

    public static Column Number(string title) => new(title, ColumnKind.Number);

    public static Column Prose(string title) => new(title, ColumnKind.Prose);

    /// <summary>The style's class.</summary>
    public string Class => Kind switch { ColumnKind.Number => "number", ColumnKind.Prose => "prose", _ => "name" };
}

/// <summary>A cell: its text, whether it stands out, and whether it is good or bad news.</summary>
internal readonly record struct Cell(string Text, bool Strong = false, Verdict Verdict = Verdict.Neither)
{
    public static implicit operator Cell(string text) => new(text);

    public string Html
    {
        get
        {
            var text = Encoded.Text(Text);
            if (Verdict != Verdict.Neither) text = $"<span class=\"{(Verdict == Verdict.Good ? "good" : "bad")}\">{text}</span>";
            return Strong ? $"<strong>{text}</strong>" : text;
        }
    }
}

/// <summary>News of a cell; its text says so too, for those who see no colour.</summary>
internal enum Verdict
{
    Neither,
    Good,
    Bad,
}

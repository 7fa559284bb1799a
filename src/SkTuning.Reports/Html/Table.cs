using SkTuning.Reports.Formatting;

namespace SkTuning.Reports.Html;

/// <summary>The content of a column.</summary>
internal enum ColumnKind
{
    /// <summary>A short name.</summary>
    Name,

    /// <summary>A number, aligned to the right.</summary>
    Number,

    /// <summary>Text of any length, including line breaks.</summary>
    Prose,
}

/// <summary>A column of a table.</summary>
internal sealed record Column(string Title, ColumnKind Kind = ColumnKind.Name)
{
    public static implicit operator Column(string title) => new(title);

    public static Column Number(string title) => new(title, ColumnKind.Number);

    public static Column Prose(string title) => new(title, ColumnKind.Prose);

    /// <summary>The CSS class.</summary>
    public string Class => Kind switch { ColumnKind.Number => "number", ColumnKind.Prose => "prose", _ => "name" };
}

/// <summary>A cell: its text, whether it is emphasized, and whether its content is good or bad.</summary>
internal readonly record struct TableCell(string Text, bool Strong = false, Verdict Verdict = Verdict.Neither)
{
    public static implicit operator TableCell(string text) => new(text);

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

/// <summary>Whether the content of a cell is good or bad. The text conveys the same, for readers who do not see colors.</summary>
internal enum Verdict
{
    Neither,
    Good,
    Bad,
}

using System.Globalization;

namespace SkTuning;

/// <summary>One labeled example. Rows are equal if their texts, labels, and groups are, regardless of their lines.</summary>
public sealed record Row
{
    private const string Separator = "|";

    private IReadOnlyList<string>? _labels;

    /// <summary>Creates a row with one label.</summary>
    /// <param name="Text">The text to classify; can be empty.</param>
    /// <param name="Label">The label, exactly as in the file; empty for a row without a label.</param>
    public Row(string Text, string Label) => (this.Text, this.Label) = (Text, Label);

    /// <summary>Creates a row with any number of labels.</summary>
    /// <param name="text">The text to classify; can be empty.</param>
    /// <param name="labels">The distinct labels; can be empty.</param>
    public Row(string text, IEnumerable<string> labels) : this(text, "") => Labels = [.. labels];

    /// <summary>Gets the text to classify; can be empty.</summary>
    public string Text { get; init; }

    /// <summary>
    /// Gets the label, exactly as in the file (or as mapped by the label map). For a row with several labels, these are joined with <c>|</c>. Empty for a row
    /// without a label.
    /// </summary>
    public string Label
    {
        get;
        init => (field, _labels) = (value, null);
    }

    /// <summary>
    /// Gets all labels in file order: one for a single-label task, any number for a multi-label task. Setting this property also sets <see cref="Label"/>.
    /// </summary>
    public IReadOnlyList<string> Labels
    {
        get => _labels ??= Label.Length == 0 ? [] : [Label];
        init
        {
            Label = string.Join(Separator, value);
            _labels = value;
        }
    }

    /// <summary>Gets the second text of a sentence pair, or null for a single text.</summary>
    public string? Text2 { get; init; }

    /// <summary>
    /// Gets the group that the row belongs to (a customer, a document), or null if it belongs to none. A grouped split keeps the rows of a group together.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>Gets the line of the file on which the row starts, from 1 (Parquet: the row number), or 0 if the row does not come from a file.</summary>
    public long Line { get; init; }

    /// <summary>Returns the label as a number, for regression tasks. The decimal separator is a point, regardless of the culture.</summary>
    /// <param name="where">The source of the row for the error message.</param>
    /// <exception cref="SkTuningException">The label is not a finite number. The message names the row and what was found.</exception>
    public double Score(string? where = null)
        => TryScore(Label, out var score)
            ? score
            : throw new SkTuningException($"{Place(where)}the label is '{(Label.Length > 80 ? Label[..80] + "…" : Label)}', expected a number such as 3.5. "
                + (NumberAdvice(Label) ?? "Correct the row, or train a classifier if the labels are classes."));

    /// <summary>Reads a label as a finite number.</summary>
    internal static bool TryScore(string label, out double score)
        => double.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out score) && double.IsFinite(score);

    /// <summary>Returns what to do about a label that is a number with a decimal comma; null for any other label.</summary>
    internal static string? NumberAdvice(string label) => label.Count(c => c == ',') == 1 && TryScore(label.Replace(',', '.'), out _)
        ? "Write numbers with a decimal point, not a comma."
        : null;

    /// <inheritdoc/>
    public bool Equals(Row? other) => other is not null && Text == other.Text && Text2 == other.Text2 && Group == other.Group
        && (ReferenceEquals(Labels, other.Labels) || Labels.SequenceEqual(other.Labels, StringComparer.Ordinal));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Text, Text2, Group, Label);

    /// <summary>Deconstructs the row into text and label: <c>var (text, label) = row</c>.</summary>
    public void Deconstruct(out string Text, out string Label) => (Text, Label) = (this.Text, this.Label);

    private string Place(string? where)
    {
        var line = Line > 0 ? $"line {Line}" : "";
        return (where, line) switch { (null, "") => "A row: ", (null, _) => $"{line}: ", (_, "") => $"{where}: ", _ => $"{where}, {line}: " };
    }
}

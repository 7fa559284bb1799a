using System.Globalization;

namespace SkTuning;

/// <summary>One labelled example. Two rows are equal when texts, labels and group are, wherever they stand.</summary>
public sealed record Row
{
    private const string Separator = "|";

    private IReadOnlyList<string>? _labels;

    /// <summary>A text with its label.</summary>
    /// <param name="Text">The text to classify; may be empty.</param>
    /// <param name="Label">Its label, exactly as in the file; empty for a row without one.</param>
    public Row(string Text, string Label) => (this.Text, this.Label) = (Text, Label);

    /// <summary>A text with any number of labels.</summary>
    /// <param name="text">The text to classify; may be empty.</param>
    /// <param name="labels">Its labels, each once; none is fine.</param>
    public Row(string text, IEnumerable<string> labels) : this(text, "") => Labels = [.. labels];

    /// <summary>The text to classify; may be empty.</summary>
    public string Text { get; init; }

    /// <summary>
    /// The label, exactly as in the file (or as the label map names it). Where a row has several, all of them with <c>|</c> between them; empty where it has none.
    /// </summary>
    public string Label
    {
        get;
        init => (field, _labels) = (value, null);
    }

    /// <summary>All labels, in the order of the file: one for an ordinary row, any number in a task of several labels. Setting them sets <see cref="Label"/>.</summary>
    public IReadOnlyList<string> Labels
    {
        get => _labels ??= Label.Length == 0 ? [] : [Label];
        init
        {
            Label = string.Join(Separator, value);
            _labels = value;
        }
    }

    /// <summary>The second text of a sentence pair; null for a single text.</summary>
    public string? Text2 { get; init; }

    /// <summary>What the row belongs to (a customer, a document): a grouped split keeps rows of a group together. Null: to nothing but itself.</summary>
    public string? Group { get; init; }

    /// <summary>The line of its file the row starts at, from 1 (Parquet: the number of the row); 0 where it is from no file.</summary>
    public long Line { get; init; }

    /// <summary>The label as a number, for tasks that predict one: written with a decimal point, in any culture.</summary>
    /// <param name="where">What the row was read from, for the message.</param>
    /// <exception cref="SkTuningException">The label is no finite number; the message names the place and what was found.</exception>
    public double Score(string? where = null)
        => double.TryParse(Label, NumberStyles.Float, CultureInfo.InvariantCulture, out var score) && double.IsFinite(score)
            ? score
            : throw new SkTuningException($"{Place(where)}the label is '{(Label.Length > 80 ? Label[..80] + "…" : Label)}', expected a number such as 3.5. Correct the row, or train a classifier if these are classes.");

    /// <inheritdoc/>
    public bool Equals(Row? other) => other is not null && Text == other.Text && Text2 == other.Text2 && Group == other.Group
        && (ReferenceEquals(Labels, other.Labels) || Labels.SequenceEqual(other.Labels, StringComparer.Ordinal));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Text, Text2, Group, Label);

    /// <summary>Text and label apart: <c>var (text, label) = row</c>.</summary>
    public void Deconstruct(out string Text, out string Label) => (Text, Label) = (this.Text, this.Label);

    private string Place(string? where)
    {
        var line = Line > 0 ? $"line {Line}" : "";
        return (where, line) switch { (null, "") => "A row: ", (null, _) => $"{line}: ", (_, "") => $"{where}: ", _ => $"{where}, {line}: " };
    }
}

using System.Globalization;
using System.Runtime.CompilerServices;

namespace SkTuning;

/// <summary>Rows from objects of the application's own: what is the text of one, what its label. They are made one by one, as they are asked for.</summary>
public static class Rows
{
    /// <summary>Rows with one label each.</summary>
    /// <param name="items">The objects.</param>
    /// <param name="text">The text of one.</param>
    /// <param name="label">Its label.</param>
    /// <param name="text2">The second text of a pair; null for single texts.</param>
    /// <param name="group">What it belongs to, see <see cref="Row.Group"/>; null for none.</param>
    /// <exception cref="SkTuningException">A text is null, or a label blank; the object's number (from 1) is named.</exception>
    public static IEnumerable<Row> From<T>(IEnumerable<T> items, Func<T, string> text, Func<T, string> label, Func<T, string?>? text2 = null, Func<T, string?>? group = null)
        => items.Select((item, i) => Of(item, i, text, text2, group) with { Label = Label(label(item), i) });

    /// <summary>Rows with any number of labels each.</summary>
    /// <param name="items">The objects.</param>
    /// <param name="text">The text of one.</param>
    /// <param name="labels">Its labels, each once; none is fine.</param>
    /// <param name="text2">The second text of a pair; null for single texts.</param>
    /// <param name="group">What it belongs to, see <see cref="Row.Group"/>; null for none.</param>
    /// <exception cref="SkTuningException">As <see cref="From"/>.</exception>
    public static IEnumerable<Row> FromSeveral<T>(IEnumerable<T> items, Func<T, string> text, Func<T, IEnumerable<string>> labels, Func<T, string?>? text2 = null, Func<T, string?>? group = null)
        => items.Select((item, i) => Of(item, i, text, text2, group) with { Labels = [.. (labels(item) ?? throw Bad(i, "null labels", "labels, or none")).Select(l => Label(l, i))] });

    /// <summary>Rows with a number each, to be predicted.</summary>
    /// <param name="items">The objects.</param>
    /// <param name="text">The text of one.</param>
    /// <param name="score">Its number.</param>
    /// <param name="text2">The second text of a pair; null for single texts.</param>
    /// <param name="group">What it belongs to, see <see cref="Row.Group"/>; null for none.</param>
    /// <exception cref="SkTuningException">As <see cref="From"/>.</exception>
    public static IEnumerable<Row> FromScored<T>(IEnumerable<T> items, Func<T, string> text, Func<T, double> score, Func<T, string?>? text2 = null, Func<T, string?>? group = null)
        => From(items, text, item => score(item).ToString(CultureInfo.InvariantCulture), text2, group);

    /// <summary>Rows from a stream of objects, with one label each.</summary>
    /// <param name="items">The objects.</param>
    /// <param name="text">The text of one.</param>
    /// <param name="label">Its label.</param>
    /// <param name="text2">The second text of a pair; null for single texts.</param>
    /// <param name="group">What it belongs to, see <see cref="Row.Group"/>; null for none.</param>
    /// <param name="cancel">Ends the stream.</param>
    /// <exception cref="SkTuningException">As <see cref="From"/>.</exception>
    public static async IAsyncEnumerable<Row> FromAsync<T>(IAsyncEnumerable<T> items, Func<T, string> text, Func<T, string> label, Func<T, string?>? text2 = null, Func<T, string?>? group = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var i = 0;
        await foreach (var item in items.WithCancellation(cancel).ConfigureAwait(false))
        {
            yield return Of(item, i, text, text2, group) with { Label = Label(label(item), i) };
            i++;
        }
    }

    private static Row Of<T>(T item, int index, Func<T, string> text, Func<T, string?>? text2, Func<T, string?>? group)
        => new(text(item) ?? throw Bad(index, "a null text", "a text, which may be empty"), "") { Text2 = text2?.Invoke(item), Group = group?.Invoke(item) };

    private static string Label(string label, int index) => string.IsNullOrWhiteSpace(label) ? throw Bad(index, "a blank label", "a name with a visible character") : label;

    private static SkTuningException Bad(int index, string found, string expected) => new($"Row {index + 1}: {found}, expected {expected}.");
}

using System.Globalization;
using System.Runtime.CompilerServices;
using SkTuning.Data;

namespace SkTuning;

/// <summary>Creates rows from an application's own objects, one by one during enumeration.</summary>
public static class Rows
{
    /// <summary>Creates rows with one label each.</summary>
    /// <param name="items">The objects.</param>
    /// <param name="text">Returns the text of an object.</param>
    /// <param name="label">Returns the label of an object.</param>
    /// <param name="text2">Returns the second text of a pair; null for single texts.</param>
    /// <param name="group">Returns the group of an object (see <see cref="Row.Group"/>); null for rows without groups.</param>
    /// <exception cref="SkTuningException">A text is null or a label is blank. The message contains the number of the object, from 1.</exception>
    public static IEnumerable<Row> From<T>(
        IEnumerable<T> items, Func<T, string> text, Func<T, string> label, Func<T, string?>? text2 = null, Func<T, string?>? group = null)
        => Labeled(items, text, (item, _) => label(item), text2, group);

    /// <summary>Creates rows with any number of labels each.</summary>
    /// <param name="items">The objects.</param>
    /// <param name="text">Returns the text of an object.</param>
    /// <param name="labels">Returns the distinct labels of an object; can be empty.</param>
    /// <param name="text2">Returns the second text of a pair; null for single texts.</param>
    /// <param name="group">Returns the group of an object (see <see cref="Row.Group"/>); null for rows without groups.</param>
    /// <exception cref="SkTuningException">See <see cref="From"/>.</exception>
    public static IEnumerable<Row> FromSeveral<T>(
        IEnumerable<T> items, Func<T, string> text, Func<T, IEnumerable<string>> labels, Func<T, string?>? text2 = null, Func<T, string?>? group = null)
        => items.Select((item, i) => Of(item, i, text, text2, group) with
        {
            Labels = [.. (labels(item) ?? throw Bad(i, "null labels", "a list, which can be empty")).Select(l => Label(l, i))],
        });

    /// <summary>Creates rows with one number each, for regression tasks.</summary>
    /// <param name="items">The objects.</param>
    /// <param name="text">Returns the text of an object.</param>
    /// <param name="score">Returns the number of an object.</param>
    /// <param name="text2">Returns the second text of a pair; null for single texts.</param>
    /// <param name="group">Returns the group of an object (see <see cref="Row.Group"/>); null for rows without groups.</param>
    /// <exception cref="SkTuningException">A text is null or a number is not finite. The message contains the number of the object, from 1.</exception>
    public static IEnumerable<Row> FromScored<T>(
        IEnumerable<T> items, Func<T, string> text, Func<T, double> score, Func<T, string?>? text2 = null, Func<T, string?>? group = null)
        => Labeled(items, text, (item, i) => score(item) is var number && NumberName.Of(number) is { } name
            ? name
            : throw Bad(i, string.Create(CultureInfo.InvariantCulture, $"the number {number}"), "a finite number"), text2, group);

    /// <summary>Creates rows with one label each from an asynchronous stream of objects.</summary>
    /// <param name="items">The objects.</param>
    /// <param name="text">Returns the text of an object.</param>
    /// <param name="label">Returns the label of an object.</param>
    /// <param name="text2">Returns the second text of a pair; null for single texts.</param>
    /// <param name="group">Returns the group of an object (see <see cref="Row.Group"/>); null for rows without groups.</param>
    /// <param name="cancellationToken">Cancels the enumeration.</param>
    /// <exception cref="SkTuningException">See <see cref="From"/>.</exception>
    public static async IAsyncEnumerable<Row> FromAsync<T>(
        IAsyncEnumerable<T> items, Func<T, string> text, Func<T, string> label, Func<T, string?>? text2 = null, Func<T, string?>? group = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var i = 0;
        await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return Of(item, i, text, text2, group) with { Label = Label(label(item), i) };
            i++;
        }
    }

    private static IEnumerable<Row> Labeled<T>(
        IEnumerable<T> items, Func<T, string> text, Func<T, int, string> label, Func<T, string?>? text2, Func<T, string?>? group)
        => items.Select((item, i) => Of(item, i, text, text2, group) with { Label = Label(label(item, i), i) });

    private static Row Of<T>(T item, int index, Func<T, string> text, Func<T, string?>? text2, Func<T, string?>? group)
        => new(text(item) ?? throw Bad(index, "a null text", "a text, which can be empty"), "") { Text2 = text2?.Invoke(item), Group = group?.Invoke(item) };

    private static string Label(string label, int index)
        => string.IsNullOrWhiteSpace(label) ? throw Bad(index, "a blank label", "a label with a visible character") : label;

    private static SkTuningException Bad(int index, string found, string expected) => new($"Row {index + 1}: {found}, expected {expected}.");
}

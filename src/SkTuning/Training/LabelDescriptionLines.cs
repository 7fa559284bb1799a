namespace SkTuning.Training;

/// <summary>Descriptions of labels, some of which were read from files: a message about one of them names its file and its entry.</summary>
internal sealed class LabelDescriptionLines() : OrderedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
{
    private readonly Dictionary<string, List<(string File, string Entry)?>> _places = new(StringComparer.Ordinal);

    /// <summary>Adds a description of a label.</summary>
    /// <param name="label">The label.</param>
    /// <param name="description">The description.</param>
    /// <param name="place">The file, and the line or the name in it; null if the description was given on its own.</param>
    public void Add(string label, string description, (string File, string Entry)? place)
    {
        if (!_places.TryGetValue(label, out var places)) _places[label] = places = [];
        places.Add(place);
        this[label] = [.. this.GetValueOrDefault(label) ?? [], description];
    }

    /// <summary>Throws the exception for a description of a label, if it was read from a file.</summary>
    /// <exception cref="SkTuningFileException">The description is in a file; the message names the entry.</exception>
    public void Refuse(string label, int description, string found, string expected)
    {
        if (_places.GetValueOrDefault(label)?.ElementAtOrDefault(description) is var (file, entry))
            throw SkTuningException.BadFile(file, entry, found, expected);
    }

    /// <summary>Throws the exception for a label that has no description, if descriptions were read from a file.</summary>
    /// <exception cref="SkTuningFileException">There is a file, which the message names.</exception>
    public void RefuseWithout(string label, string expected)
    {
        if (_places.Values.SelectMany(p => p).FirstOrDefault(p => p is not null) is var (file, _))
            throw SkTuningException.BadFile(file, null, $"no description of '{label}'", expected);
    }
}

namespace SkTuning.Training;

/// <summary>Descriptions of labels, some of which were read from files: a message about one of them names its file and line.</summary>
internal sealed class LabelDescriptionLines() : OrderedDictionary<string, string>(StringComparer.Ordinal)
{
    private readonly Dictionary<string, (string File, string Line)> _places = new(StringComparer.Ordinal);

    /// <summary>Adds the description of a label.</summary>
    /// <param name="label">The label.</param>
    /// <param name="description">The description.</param>
    /// <param name="place">The file and the line; null if it was given on its own.</param>
    /// <returns>False if the label has a description.</returns>
    public bool TryAdd(string label, string description, (string File, string Line)? place)
    {
        if (!TryAdd(label, description)) return false;
        if (place is { } line) _places.Add(label, line);
        return true;
    }

    /// <summary>Throws the exception for a label and its description, if they were read from a file.</summary>
    /// <exception cref="SkTuningFileException">The label is in a file; the message names the line.</exception>
    public void Refuse(string label, string found, string expected)
    {
        if (_places.TryGetValue(label, out var place)) throw SkTuningException.BadFile(place.File, place.Line, found, expected);
    }

    /// <summary>Throws the exception for a label that has no description, if descriptions were read from a file.</summary>
    /// <exception cref="SkTuningFileException">There is a file, which the message names.</exception>
    public void RefuseWithout(string label, string expected)
    {
        if (_places.Count > 0) throw SkTuningException.BadFile(_places[Keys.First(_places.ContainsKey)].File, null, $"no description of '{label}'", expected);
    }
}

namespace SkTuning.Training;

/// <summary>Checks that a task has rows of one text or rows of two texts, never both.</summary>
internal static class Pairs
{
    /// <summary>Returns true if all rows have a second text, and false if none has.</summary>
    /// <exception cref="SkTuningException">Some rows have a second text and others do not.</exception>
    public static bool AllOrNone(IEnumerable<Row> rows)
    {
        bool? pairs = null;
        var number = 0;
        foreach (var row in rows)
        {
            number++;
            var isPair = row.Text2 is not null;
            if (pairs is { } before && before != isPair)
            {
                var (found, others) = isPair ? ("a second text", "one") : ("one text", "two");
                throw new SkTuningException($"Row {number} has {found}, but the rows before it have {others}: expected the same in all training and dev rows.");
            }
            pairs = isPair;
        }
        return pairs == true;
    }
}

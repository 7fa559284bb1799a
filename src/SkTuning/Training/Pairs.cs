namespace SkTuning.Training;

/// <summary>Rows of one text, or rows of two: never both in one task.</summary>
internal static class Pairs
{
    /// <summary>True when all rows have a second text, false when none has.</summary>
    public static bool AllOrNone(IEnumerable<Row> rows)
    {
        bool? pairs = null;
        var number = 0;
        foreach (var row in rows)
        {
            number++;
            var isPair = row.Text2 is not null;
            if (pairs is { } before && before != isPair)
                throw new SkTuningException($"Row {number} has {(isPair ? "a second text" : "one text")}, the rows before it have {(isPair ? "one" : "two")}: expected the same in all rows, train and dev.");
            pairs = isPair;
        }
        return pairs == true;
    }
}

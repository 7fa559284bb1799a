using SkTuning.Reports.Formatting;

namespace SkTuning.Reports.Pictures;

/// <summary>Pictures used in several reports.</summary>
internal static class Shapes
{
    /// <summary>Draws a heat map, in which each cell is as dark as its share.</summary>
    /// <param name="title">The title.</param>
    /// <param name="x">The names of the columns.</param>
    /// <param name="y">The names of the rows, from top to bottom.</param>
    /// <param name="across">The title of the columns.</param>
    /// <param name="down">The title of the rows.</param>
    /// <param name="cell">Returns the share, from 0 to 1, and the text of the cell at a row and a column; null for an empty cell.</param>
    public static Picture HeatMap(
        string title, IReadOnlyList<string> x, IReadOnlyList<string> y, string across, string down, Func<int, int, (double Share, string Figure)?> cell)
    {
        const int MaxFigures = 30, MaxLetters = 18;
        var figures = x.Count <= MaxFigures;
        var side = x.Count switch { <= 10 => 38, <= MaxFigures => 32, _ => 16 };
        var left = 18 + Picture.PerLetter * y.Max(n => Math.Min(n.Length, MaxLetters));
        var bottom = 44 + (int)(Picture.PerLetter * 0.62 * x.Max(n => Math.Min(n.Length, MaxLetters)));
        var lead = (int)(Picture.PerLetter * 0.77 * Math.Min(x[0].Length, MaxLetters));     // the first slanted name starts to the left of its cell
        left = Math.Max(left, lead);
        var (width, height) = (left + 14 + side * x.Count, bottom + 30 + (figures ? 30 : 16) * y.Count);
        var (columns, rows) = (Axis.Names(across, x, MaxLetters), Axis.Names(down, [.. y.Reverse()], MaxLetters));
        var picture = new Picture(title, columns, rows, Math.Max(width, 300), height, left, Math.Max(bottom, 60), grid: false)
        {
            MinWidth = width > 420 ? (int)(width * 0.85) : 0,
        };
        for (var row = 0; row < y.Count; row++)
            for (var column = 0; column < x.Count; column++)
                if (cell(row, column) is var (share, figure) && (figures || share > 0))
                    picture.HeatCell(column, y.Count - 1 - row, share, figures ? figure : "");
        return picture;
    }

    /// <summary>Draws the fraction of correct predictions by confidence, in ten bins.</summary>
    /// <param name="title">The title.</param>
    /// <param name="rows">The confidence of each prediction, and whether it is correct.</param>
    public static Picture Calibration(string title, IReadOnlyList<(double Confidence, bool IsRight)> rows)
    {
        const int Bins = 10;
        var picture = new Picture(title, Axis.Linear("confidence", [0, 1]), Axis.Linear("fraction correct", [0, 1]));
        picture.Guide(0, 0, 1, 1);
        var (error, bins) = (0.0, new List<string>());
        foreach (var bin in rows.GroupBy(r => Math.Clamp((int)Math.Ceiling(r.Confidence * Bins) - 1, 0, Bins - 1)).OrderBy(b => b.Key))
        {
            var (count, right, mean) = (bin.Count(), bin.Average(r => r.IsRight ? 1.0 : 0), bin.Average(r => r.Confidence));
            error += Math.Abs(right - mean) * count / rows.Count;
            picture.Bar((bin.Key + 0.08) / Bins, (bin.Key + 0.92) / Bins, right, new(0), 0.35);
            picture.Dots([(mean, right)], new(0), 4 + 10 * MathF.Sqrt((float)count / rows.Count));
            bins.Add($"confidence {Show.Percent(mean)}: {Show.Percent(right)} correct ({Show.Count(count, "prediction")})");
        }
        picture.Caption = "On the dashed line, confidence equals accuracy; below it, predictions are overconfident. Larger dots represent more predictions. " +
            $"The expected calibration error is {Show.Three(error)}.";
        picture.Description = $"{string.Join("; ", bins)}. Expected calibration error: {Show.Three(error)}.";
        return picture;
    }

    /// <summary>Draws the accuracy of the most confident predictions by their share of all rows.</summary>
    public static Picture Coverage(IReadOnlyList<(double Confidence, bool IsRight)> rows)
    {
        var curve = CoverageCurve.Of([.. rows.Select(r => r.IsRight)], [.. rows.Select(r => r.Confidence)]);
        var all = curve.Points[^1];
        var low = Math.Min(0.9, Math.Floor(10 * curve.Points.Min(p => p.Accuracy)) / 10);
        var picture = new Picture("Accuracy of the most confident predictions", Axis.Linear("fraction of the rows", [0, 1]),
            Axis.Linear("accuracy", [low, 1]));
        picture.Line(curve.Points.Select(p => (p.Coverage, p.Accuracy)), new(0), dots: curve.Points.Count < 30);
        var half = curve.ForCoverage(0.5);
        var target = curve.ForAccuracy(0.95);
        picture.Caption = $"The accuracy is {Show.Percent(all.Accuracy)} on all rows and {Show.Percent(half.Accuracy)} on the more confident half. " +
            (target is null
                ? "No fraction of the rows reaches 95%."
                : $"It is at least 95% on the {Show.Percent(target.Coverage)} of the rows whose confidence is at least {Show.Percent(target.Threshold)}.");
        picture.Description = picture.Caption;
        return picture;
    }
}

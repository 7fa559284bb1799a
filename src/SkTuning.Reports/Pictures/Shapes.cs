using System.Globalization;
using SkTuning.Compare;
using SkTuning.Models;

namespace SkTuning.Reports.Pictures;

/// <summary>Pictures that more than one report has.</summary>
internal static class Shapes
{
    /// <summary>Rows by columns, each cell as dark as its share.</summary>
    /// <param name="title">What it is.</param>
    /// <param name="x">Names of the columns.</param>
    /// <param name="y">Names of the rows, the first on top.</param>
    /// <param name="across">What the columns are.</param>
    /// <param name="down">What the rows are.</param>
    /// <param name="cell">Of a row and a column: how dark, 0 to 1, and its figure; null: empty.</param>
    public static Picture HeatMap(string title, IReadOnlyList<string> x, IReadOnlyList<string> y, string across, string down, Func<int, int, (double Share, string Figure)?> cell)
    {
        const int MostFigures = 30, Longest = 18;
        var figures = x.Count <= MostFigures;
        var side = x.Count switch { <= 10 => 38, <= MostFigures => 32, _ => 16 };
        var left = 18 + Picture.PerLetter * y.Max(n => Math.Min(n.Length, Longest));
        var bottom = 44 + (int)(Picture.PerLetter * 0.62 * x.Max(n => Math.Min(n.Length, Longest)));
        var lead = (int)(Picture.PerLetter * 0.77 * Math.Min(x[0].Length, Longest));     // the first slanted name begins left of its cell
        left = Math.Max(left, lead);
        var (width, height) = (left + 14 + side * x.Count, bottom + 30 + (figures ? 30 : 16) * y.Count);
        var picture = new Picture(title, Axis.Names(across, x, Longest), Axis.Names(down, [.. y.Reverse()], Longest), Math.Max(width, 300), height, left, Math.Max(bottom, 60), grid: false) { NeedsWidth = width > 420 ? (int)(width * 0.85) : 0 };
        for (var row = 0; row < y.Count; row++)
            for (var column = 0; column < x.Count; column++)
                if (cell(row, column) is var (share, figure) && (figures || share > 0)) picture.HeatCell(column, y.Count - 1 - row, share, figures ? figure : "");
        return picture;
    }

    /// <summary>How often predictions of a confidence are right, in ten bins.</summary>
    /// <param name="title">What it is.</param>
    /// <param name="rows">The confidence of each prediction, and whether it is right.</param>
    public static Picture Calibration(string title, IReadOnlyList<(double Confidence, bool IsRight)> rows)
    {
        const int Bins = 10;
        var picture = new Picture(title, Axis.Linear("confidence", [0, 1]), Axis.Linear("part that is right", [0, 1]));
        picture.Guide(0, 0, 1, 1);
        var (error, told) = (0.0, new List<string>());
        foreach (var bin in rows.GroupBy(r => Math.Clamp((int)Math.Ceiling(r.Confidence * Bins) - 1, 0, Bins - 1)).OrderBy(b => b.Key))
        {
            var (count, right, mean) = (bin.Count(), bin.Average(r => r.IsRight ? 1.0 : 0), bin.Average(r => r.Confidence));
            error += Math.Abs(right - mean) * count / rows.Count;
            picture.Bar((bin.Key + 0.08) / Bins, (bin.Key + 0.92) / Bins, right, new(0), 0.35);
            picture.Dots([(mean, right)], new(0), 4 + 10 * MathF.Sqrt((float)count / rows.Count));
            told.Add($"{Show.Percent(mean)} sure: {Show.Percent(right)} right ({Show.Count(count, "prediction")})");
        }
        picture.Caption = $"On the dashed line a prediction that is 80 % sure is right 8 times of 10; below it predictions are too sure. Larger dots are more predictions. Calibration error {Show.Three(error)}.";
        picture.Description = $"{string.Join("; ", told)}. Calibration error {Show.Three(error)}.";
        return picture;
    }

    /// <summary>What is gained by answering only when sure.</summary>
    public static Picture Coverage(IReadOnlyList<(double Confidence, bool IsRight)> rows)
    {
        var curve = CoverageCurve.Of([.. rows.Select(r => r.IsRight)], [.. rows.Select(r => r.Confidence)]);
        var all = curve.Points[^1];
        var low = Math.Min(0.9, Math.Floor(10 * curve.Points.Min(p => p.Accuracy)) / 10);
        var picture = new Picture("Accuracy of those answered", Axis.Linear("part of the rows that is answered", [0, 1]), Axis.Linear("accuracy", [low, 1]));
        picture.Line(curve.Points.Select(p => (p.Coverage, p.Accuracy)), new(0), dots: curve.Points.Count < 30);
        var half = curve.ForCoverage(0.5);
        var sure = curve.ForAccuracy(0.95);
        picture.Caption = $"The surest first. All rows: {Show.Percent(all.Accuracy)}; the surer half: {Show.Percent(half.Accuracy)}." +
            (sure is null ? " No part of the rows reaches 95 %." : $" 95 % right: {Show.Percent(sure.Coverage)} of the rows, those at least {Show.Percent(sure.Threshold)} sure.");
        picture.Description = picture.Caption;
        return picture;
    }
}

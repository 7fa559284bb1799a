using SkTuning.Compare;
using SkTuning.Reports.Formatting;
using SkTuning.Reports.Pictures;

namespace SkTuning.Reports.Comparisons;

/// <summary>The pictures of a comparison.</summary>
internal static class ScorePictures
{
    private const int MaxLetters = 26;

    /// <summary>Draws the scores of every method on a data set: each seed, the mean and the standard deviation.</summary>
    public static Picture? Spread(ComparisonResult result, ComparedDataSet data)
    {
        var all = Scored(result, data);
        if (all.Count == 0) return null;
        string[] names = [.. all.Select(s => s.Method)];
        var (longest, left) = (24, 18 + Picture.PerLetter * names.Max(n => Math.Min(n.Length, 24)));
        var values = all.SelectMany(s => s.Scores.Append(s.Mean!.Value + (s.Sd ?? 0)).Append(s.Mean.Value - (s.Sd ?? 0))).Select(v => 100 * v);
        var (x, y) = (Axis.Linear($"{Say.Metric(data.Metric)} × 100", values), Axis.Names("", [.. names.Reverse()], longest));
        var picture = new Picture($"{data.Name}: test scores", x, y, Math.Max(420, left + 280), 80 + 26 * names.Length, left);
        foreach (var (i, s) in all.Index())
        {
            double line = names.Length - 1 - i, mean = 100 * s.Mean!.Value, sd = 100 * (s.Sd ?? 0);
            var style = new LineStyle(s.Method == result.Reference ? 1 : 0);
            picture.Line([(mean - sd, line), (mean + sd, line)], style, width: 3);
            picture.Dots([(mean, line)], style, size: 11);
            picture.Dots(s.Scores.Select(v => (100 * v, line - 0.34)), new(7), size: 5);
        }
        picture.Legend.AddRange([($"{result.Reference}: mean ± standard deviation", new(1)), ("other methods", new(0)), ("small dots: single seeds", new(7))]);
        picture.Caption = $"{Show.Count(data.Truth.Count, "test row")}, {Show.Count(data.TrainRows, "training row")}.";
        picture.Description = string.Join("; ", all.Select(s => $"{s.Method} {Say.Score(s, result.Setup.Seeds.Count)}")) + ".";
        return picture;
    }

    /// <summary>Draws scores by the number of trained parameters, on a logarithmic axis. Methods without trained parameters are at its left end.</summary>
    public static Picture? AgainstParameters(ComparisonResult result, ComparedDataSet data)
    {
        var all = Scored(result, data);
        double[] sizes = [.. all.Where(s => s.Parameters > 0).Select(s => (double)s.Parameters)];
        if (sizes.Length == 0 || result.Methods.Count > MaxLetters) return null;
        var axis = Axis.Logarithmic("trained parameters", sizes);
        var none = axis.Low - 0.1 * (axis.High - axis.Low);
        if (all.Any(s => s.Parameters == 0)) axis = axis with { Low = none - 0.3, Ticks = [(none, "0"), .. axis.Ticks] };
        var scores = Axis.Linear($"{Say.Metric(data.Metric)} × 100", all.Select(s => 100 * s.Mean!.Value));
        var picture = new Picture($"{data.Name}: score by trained parameters", axis, scores);
        foreach (var s in all)
        {
            var x = s.Parameters > 0 ? s.Parameters : Math.Pow(10, none);
            picture.Lettered(x, 100 * s.Mean!.Value, Letter(result, s.Method), Style(result, s.Method));
        }
        picture.Legend.AddRange(all.Select(s => ($"{Letter(result, s.Method)} {s.Method}", Style(result, s.Method))));
        picture.Caption = "Farther left is smaller, farther up is better.";
        picture.Description = string.Join("; ", all.OrderBy(s => s.Parameters)
            .Select(s => $"{s.Method}: {Show.Whole(s.Parameters)} parameters, {Say.Score(s.Mean!.Value)}")) + ".";
        return picture;
    }

    /// <summary>Draws scores by the number of training rows, for a task with data sets of different sizes; null for other tasks.</summary>
    public static Picture? AgainstRows(ComparisonResult result, string task)
    {
        var sets = result.DataSets.Where(d => d.Task == task).OrderBy(d => d.TrainRows).ToList();
        if (sets.Select(d => d.TrainRows).Distinct().Count() < 2) return null;
        var lines = result.Methods.Select(m => (m.Name, Points: Points(m.Name))).Where(l => l.Points.Count > 0).ToList();
        if (lines.Count == 0) return null;
        var picture = new Picture($"{task}: score by training rows", Axis.Logarithmic("training rows", [.. sets.Select(d => (double)d.TrainRows)]),
            Axis.Linear($"{Say.Metric(sets[0].Metric)} × 100", lines.SelectMany(l => l.Points.Select(p => p.Score))));
        foreach (var (name, points) in lines) picture.Line(points, Style(result, name), dots: true);
        picture.Legend.AddRange(lines.Select(l => (l.Name, Style(result, l.Name))));
        picture.Caption = "Means over the seeds.";
        picture.Description = string.Join("; ", lines.Select(l =>
            $"{l.Name}: {string.Join(", ", l.Points.Select(p => $"{Show.Number(p.Score, "F1")} with {Show.Whole(p.Rows)} rows"))}")) + ".";
        return picture;

        List<(double Rows, double Score)> Points(string method) =>
        [
            .. sets.Select(d => (Rows: (double)d.TrainRows, Score: result.Summaries.First(s => s.DataSet == d.Name && s.Method == method).Mean))
                .Where(p => p.Score is not null)
                .Select(p => (p.Rows, 100 * p.Score!.Value)),
        ];
    }

    /// <summary>Draws the dev accuracy after each epoch of the selected trials, averaged over the seeds.</summary>
    public static Picture? Curves(ComparisonResult result, ComparedDataSet data)
    {
        var chosen = result.Scores.Where(s => s.DataSet == data.Name).Select(s => (s.Method, s.Trial, s.Seed)).ToHashSet();
        var lines = result.Methods.Select(m => (m.Name, Points: Points(m.Name))).Where(l => l.Points.Count > 0).ToList();
        if (lines.Count == 0) return null;
        var picture = new Picture($"{data.Name}: learning curves", Axis.Counted("epoch", lines.Max(l => l.Points[^1].Epoch)),
            Axis.Linear("dev accuracy × 100", lines.SelectMany(l => l.Points.Select(p => p.Accuracy))));
        foreach (var (name, points) in lines) picture.Line(points, Style(result, name), dots: true);
        picture.Legend.AddRange(lines.Select(l => (l.Name, Style(result, l.Name))));
        picture.Caption = "Means over the seeds, with the selected learning rates. Epoch 0 is the head without the adapter.";
        picture.Description = string.Join("; ", lines.Select(l => $"{l.Name} from {Show.Number(l.Points[0].Accuracy, "F1")} " +
            $"to {Show.Number(l.Points[^1].Accuracy, "F1")}, maximum {Show.Number(l.Points.Max(p => p.Accuracy), "F1")}")) + ".";
        return picture;

        List<(double Epoch, double Accuracy)> Points(string method) =>
        [
            .. result.Trials.Where(t => t.DataSet == data.Name && t.Method == method && chosen.Contains((t.Method, t.Key, t.Seed)))
                .SelectMany(t => t.Epochs)
                .Where(e => double.IsFinite(e.DevAccuracy))
                .GroupBy(e => e.Epoch).OrderBy(g => g.Key)
                .Select(g => ((double)g.Key, 100 * g.Average(e => e.DevAccuracy))),
        ];
    }

    /// <summary>Draws the F1 of every class with every method, averaged over the seeds.</summary>
    public static Picture? Classes(ComparisonResult result, ComparedDataSet data)
    {
        string[] methods = [.. Scored(result, data).Select(s => s.Method)];
        if (methods.Length == 0) return null;
        var f1 = methods.Select(m => result.Scores.Where(s => s.DataSet == data.Name && s.Method == m).ToList())
            .Select(scores => data.Labels.Select((_, c) => scores.Average(s => s.Classes[c].F1)).ToArray())
            .ToArray();
        var picture = Shapes.HeatMap($"{data.Name}: F1 by class", methods, data.Labels, "", "",
            (label, method) => (f1[method][label], Show.Number(100 * f1[method][label], "F0")));
        picture.Caption = "F1 × 100, averaged over the seeds. Darker is better.";
        picture.Description = string.Join("; ", methods.Select((m, i) => $"{m}: worst {Label(f1[i], f1[i].Min())}, best {Label(f1[i], f1[i].Max())}")) + ".";
        return picture;

        string Label(double[] scores, double score) => $"{data.Labels[Array.IndexOf(scores, score)]} {Show.Number(100 * score, "F0")}";
    }

    private static List<ComparisonSummary> Scored(ComparisonResult result, ComparedDataSet data)
        => [.. result.Summaries.Where(s => s.DataSet == data.Name && s.Mean is not null)];

    private static int Index(ComparisonResult result, string method) => result.Methods.Index().First(m => m.Item.Name == method).Index;

    private static LineStyle Style(ComparisonResult result, string method) => new(Index(result, method));

    private static char Letter(ComparisonResult result, string method) => (char)('A' + Index(result, method));
}

using SkTuning.Reports.Pictures;

namespace SkTuning.Reports.Runs;

/// <summary>How a run went: loss, the metric on dev, learning rate.</summary>
internal static class Curves
{
    private const int MostPoints = 400;

    public static IEnumerable<Picture?> Of(RunFolder run, string metric)
    {
        var last = run.Steps.Select(s => s.Step).Concat(run.Epochs.Select(e => e.Step)).DefaultIfEmpty(0).Max();
        yield return Loss(run, last);
        yield return Score(run, metric, last);
        yield return Rate(run, last);
    }

    private static Picture? Loss(RunFolder run, int last)
    {
        var steps = run.Steps.Where(s => double.IsFinite(s.Loss)).ToList();
        var dev = run.Epochs.Where(e => double.IsFinite(e.DevLoss)).ToList();
        if (steps.Count + dev.Count == 0) return null;
        var smooth = Smooth(steps);
        var picture = new Picture("Loss", Axis.Counted("step", last), Axis.Linear("loss", smooth.Select(p => p.Y).Concat(dev.Select(e => e.DevLoss)), fromZero: true));
        picture.Line(smooth, new(0));
        picture.Line(dev.Select(e => ((double)e.Step, e.DevLoss)), new(1), dots: true);
        picture.Legend.AddRange([("training, a mean of neighbouring steps", new(0)), ("dev, behind each epoch", new(1))]);
        picture.Caption = dev.Count == 0 ? "No epoch has ended yet." : $"On dev it is least behind epoch {dev.MinBy(e => e.DevLoss)!.Epoch}.";
        picture.Description = $"{(smooth.Count > 0 ? $"Training loss from {Show.Three(smooth[0].Y)} to {Show.Three(smooth[^1].Y)} over {Show.Count(last, "step")}. " : "")}{(dev.Count > 0 ? $"Dev loss by epoch: {string.Join(", ", dev.Select(e => Show.Three(e.DevLoss)))}." : "")}";
        return picture;
    }

    private static Picture? Score(RunFolder run, string metric, int last)
    {
        var dev = run.Epochs.Where(e => double.IsFinite(e.DevScore)).ToList();
        if (dev.Count == 0) return null;
        var best = dev.LastOrDefault(e => e.IsBest) ?? dev[^1];
        var picture = new Picture($"Dev {metric}", Axis.Counted("step", last), Axis.Linear(metric, dev.Select(e => e.DevScore)));
        picture.Line(dev.Select(e => ((double)e.Step, e.DevScore)), new(2), dots: true);
        picture.Dots([(best.Step, best.DevScore)], new(2), size: 14);
        picture.Caption = $"Kept: epoch {best.Epoch}, {Show.Number(best.DevScore)} (the large dot).{(best.Epoch == 0 ? " Epoch 0 is the head alone on the untouched model: on dev no epoch of the adapter was better." : "")}";
        picture.Description = $"By epoch: {string.Join(", ", dev.Select(e => $"{e.Epoch}: {Show.Number(e.DevScore)}"))}. Kept: epoch {best.Epoch}.";
        return picture;
    }

    private static Picture? Rate(RunFolder run, int last)
    {
        var steps = run.Steps.Where(s => double.IsFinite(s.LearningRate)).ToList();
        if (steps.Count == 0) return null;
        var picture = new Picture("Learning rate", Axis.Counted("step", last), Axis.Linear("learning rate", steps.Select(s => s.LearningRate), fromZero: true));
        picture.Line(Thinned(steps).Select(s => ((double)s.Step, s.LearningRate)), new(3));
        var most = steps.MaxBy(s => s.LearningRate)!;
        picture.Caption = $"At most {Show.Number(most.LearningRate, "G3")}, at step {most.Step}.";
        picture.Description = $"{picture.Caption} {Show.Number(steps[^1].LearningRate, "G3")} at the last step, {steps[^1].Step}.";
        return picture;
    }

    /// <summary>Means of neighbours, so that a batch's chance does not hide the course: as wide as a twentieth of the run.</summary>
    private static IReadOnlyList<(double X, double Y)> Smooth(IReadOnlyList<StepPoint> steps)
    {
        var reach = Math.Max(0, steps.Count / 40);
        var sums = new double[steps.Count + 1];
        for (var i = 0; i < steps.Count; i++) sums[i + 1] = sums[i] + steps[i].Loss;
        return [.. Thinned([.. steps.Select((s, i) => (s.Step, i))]).Select(p =>
        {
            var (from, to) = (Math.Max(0, p.i - reach), Math.Min(steps.Count, p.i + reach + 1));
            return ((double)p.Step, (sums[to] - sums[from]) / (to - from));
        })];
    }

    private static IEnumerable<T> Thinned<T>(IReadOnlyList<T> all)
    {
        var every = Math.Max(1, all.Count / MostPoints);
        return all.Where((_, i) => i % every == 0 || i == all.Count - 1);
    }
}

using SkTuning.Reports.Formatting;
using SkTuning.Reports.Pictures;

namespace SkTuning.Reports.Runs;

/// <summary>Draws the curves of a run: loss, dev metric and learning rate.</summary>
internal static class Curves
{
    private const int MaxPoints = 400;

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
        var picture = new Picture("Loss", Axis.Counted("step", last),
            Axis.Linear("loss", smooth.Select(p => p.Y).Concat(dev.Select(e => e.DevLoss)), fromZero: true));
        picture.Line(smooth, new(0));
        picture.Line(dev.Select(e => ((double)e.Step, e.DevLoss)), new(1), dots: true);
        picture.Legend.AddRange([("training (moving average over steps)", new(0)), ("dev (after each epoch)", new(1))]);
        picture.Caption = dev.Count == 0 ? "No epoch has ended yet." : $"The dev loss is lowest after epoch {dev.MinBy(e => e.DevLoss)!.Epoch}.";
        if (smooth.Count > 0)
            picture.Description += $"Training loss from {Show.Three(smooth[0].Y)} to {Show.Three(smooth[^1].Y)} over {Show.Count(last, "step")}. ";
        if (dev.Count > 0) picture.Description += $"Dev loss by epoch: {string.Join(", ", dev.Select(e => Show.Three(e.DevLoss)))}.";
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
        picture.Caption = $"Best epoch: {best.Epoch}, with {Show.Number(best.DevScore)} (the large dot)." +
            (best.Epoch == 0 ? " Epoch 0 is the head without the adapter: no epoch of the adapter was better on the dev rows." : "");
        picture.Description = $"By epoch: {string.Join(", ", dev.Select(e => $"{e.Epoch}: {Show.Number(e.DevScore)}"))}. Best epoch: {best.Epoch}.";
        return picture;
    }

    private static Picture? Rate(RunFolder run, int last)
    {
        var steps = run.Steps.Where(s => double.IsFinite(s.LearningRate)).ToList();
        if (steps.Count == 0) return null;
        var picture = new Picture("Learning rate", Axis.Counted("step", last),
            Axis.Linear("learning rate", steps.Select(s => s.LearningRate), fromZero: true));
        picture.Line(Thinned(steps).Select(s => ((double)s.Step, s.LearningRate)), new(3));
        var peak = steps.MaxBy(s => s.LearningRate)!;
        picture.Caption = $"The peak is {Show.Number(peak.LearningRate, "G3")} at step {peak.Step}.";
        picture.Description = $"{picture.Caption} At the last step, {steps[^1].Step}, it is {Show.Number(steps[^1].LearningRate, "G3")}.";
        return picture;
    }

    /// <summary>Returns a moving average over a twentieth of the run, which reduces the noise of single batches.</summary>
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
        var every = Math.Max(1, all.Count / MaxPoints);
        return all.Where((_, i) => i % every == 0 || i == all.Count - 1);
    }
}

using System.Globalization;
using System.Text;

namespace SkTuning.Training;

/// <summary>A text table of epochs: the losses, and bars for the score on the dev rows.</summary>
internal static class LearningCurve
{
    private const int MaxBar = 40, MaxEpochs = 100;

    public static string Of(IReadOnlyList<EpochResult> epochs, string metric)
    {
        var scores = epochs.Where(e => double.IsFinite(e.DevScore)).Select(e => e.DevScore).ToArray();
        if (scores.Length == 0) return "";
        // A bar is as long as its score: from 0 to 1, or to the highest score where scores can be higher.
        var full = Math.Max(1, scores.Max());
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"epoch  train loss  dev loss  dev {metric}\n");
        // Recipes of many short epochs measure few of them.
        foreach (var e in epochs.Where(e => epochs.Count <= MaxEpochs || double.IsFinite(e.DevScore)))
        {
            var fraction = double.IsFinite(e.DevScore) ? Math.Max(0, e.DevScore) / full : 0;
            var bar = new string('█', (int)Math.Round(fraction * MaxBar));
            var mark = e.IsBest ? " *" : "";
            text.Append(CultureInfo.InvariantCulture, $"{e.Epoch,5}  {Loss(e.TrainLoss),10}  {Loss(e.DevLoss),8}  {e.DevScore,8:F4}  {bar}{mark}\n");
        }
        return text.ToString();
    }

    private static string Loss(double loss) => double.IsFinite(loss) ? loss.ToString("F4", CultureInfo.InvariantCulture) : "-";
}

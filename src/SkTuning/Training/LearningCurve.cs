using System.Globalization;
using System.Text;

namespace SkTuning.Training;

/// <summary>A text table of epochs: the losses, and bars for the score on the dev rows.</summary>
internal static class LearningCurve
{
    private const int MaxBar = 40;

    public static string Of(IReadOnlyList<EpochResult> epochs, string metric)
    {
        var scores = epochs.Where(e => double.IsFinite(e.DevScore)).Select(e => e.DevScore).ToArray();
        if (scores.Length == 0) return "";
        var (min, max) = (scores.Min(), scores.Max());
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"epoch  train loss  dev loss  dev {metric}\n");
        foreach (var e in epochs)
        {
            var fraction = max > min && double.IsFinite(e.DevScore) ? (e.DevScore - min) / (max - min) : 0;
            var bar = new string('█', 1 + (int)Math.Round(fraction * (MaxBar - 1)));
            var mark = e.IsBest ? " *" : "";
            text.Append(CultureInfo.InvariantCulture, $"{e.Epoch,5}  {Loss(e.TrainLoss),10}  {Loss(e.DevLoss),8}  {e.DevScore,8:F4}  {bar}{mark}\n");
        }
        return text.ToString();
    }

    private static string Loss(double loss) => double.IsFinite(loss) ? loss.ToString("F4", CultureInfo.InvariantCulture) : "-";
}

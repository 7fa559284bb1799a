using System.Globalization;
using System.Text;

namespace SkTuning.Training;

/// <summary>Epochs as a picture of text: the score on dev as bars, the losses beside them.</summary>
internal static class LearningCurve
{
    private const int Width = 40;

    public static string Of(IReadOnlyList<EpochResult> epochs, string metric)
    {
        var scores = epochs.Where(e => double.IsFinite(e.DevScore)).Select(e => e.DevScore).ToArray();
        if (scores.Length == 0) return "";
        var (least, most) = (scores.Min(), scores.Max());
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"epoch  train loss  dev loss  dev {metric}\n");
        foreach (var e in epochs)
        {
            var part = most > least && double.IsFinite(e.DevScore) ? (e.DevScore - least) / (most - least) : 0;
            var bar = new string('█', 1 + (int)Math.Round(part * (Width - 1)));
            text.Append(CultureInfo.InvariantCulture, $"{e.Epoch,5}  {Loss(e.TrainLoss),10}  {Loss(e.DevLoss),8}  {e.DevScore,8:F4}  {bar}{(e.IsBest ? " *" : "")}\n");
        }
        return text.ToString();
    }

    private static string Loss(double loss) => double.IsFinite(loss) ? loss.ToString("F4", CultureInfo.InvariantCulture) : "-";
}

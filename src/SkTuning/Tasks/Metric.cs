namespace SkTuning.Tasks;

/// <summary>A metric that can choose the best epoch.</summary>
/// <param name="Name">Its name in options and files, such as <c>accuracy</c>.</param>
/// <param name="LowerIsBetter">True for errors and losses.</param>
internal sealed record Metric(string Name, bool LowerIsBetter = false)
{
    /// <summary>The loss as a metric, which every task has.</summary>
    public static Metric Loss { get; } = new("loss", LowerIsBetter: true);
}

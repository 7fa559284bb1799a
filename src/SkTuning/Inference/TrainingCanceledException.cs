namespace SkTuning.Inference;

/// <summary>Training was cancelled. What was trained until then is not lost.</summary>
public sealed class TrainingCanceledException : OperationCanceledException
{
    internal TrainingCanceledException(TextClassifier soFar, CancellationToken cancel) : base("Training was cancelled.", cancel) => SoFar = soFar;

    /// <summary>The classifier with the parameters of the best epoch, or the last ones when no epoch was finished; the catcher disposes it.</summary>
    public TextClassifier SoFar { get; }
}

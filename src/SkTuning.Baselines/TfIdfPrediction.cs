namespace SkTuning.Baselines;

/// <summary>What a <see cref="TfIdfClassifier"/> makes of a text.</summary>
/// <param name="Label">The most probable label; of equally probable ones the first.</param>
/// <param name="Confidence">Its probability.</param>
/// <param name="Scores">The probabilities of all labels, in the order of <see cref="TfIdfClassifier.Labels"/>.</param>
public sealed record TfIdfPrediction(string Label, double Confidence, IReadOnlyList<double> Scores);

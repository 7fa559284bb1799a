namespace SkTuning;

/// <summary>The options of a <see cref="TextClassifier"/>. If no dev rows are given, a stratified part of the training rows is held out.</summary>
public sealed record TextClassifierOptions : AdapterOptions<Row>;

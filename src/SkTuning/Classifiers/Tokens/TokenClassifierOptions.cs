namespace SkTuning;

/// <summary>The options of a <see cref="TokenClassifier"/>. <see cref="AdapterOptions.Pooling"/> has no effect: every word has its own answer.</summary>
public sealed record TokenClassifierOptions : AdapterOptions<TokenRow>;

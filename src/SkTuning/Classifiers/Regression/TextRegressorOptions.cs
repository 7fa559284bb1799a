namespace SkTuning;

/// <summary>The options of a <see cref="TextRegressor"/>.</summary>
public sealed record TextRegressorOptions : AdapterOptions<Row>;

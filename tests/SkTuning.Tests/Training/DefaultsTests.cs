namespace SkTuning.Tests.Training;

/// <summary>The defaults are those that the documentation gives.</summary>
public sealed class DefaultsTests
{
    [Theory]
    [InlineData(typeof(TextClassifier), 160)]
    [InlineData(typeof(TextClassifierPrediction), 5)]
    public void Defaults_are_documented(Type type, int atLeast) => DocumentedDefaults.Check(type, atLeast);
}

namespace SkTuning.Tests.Serving;

/// <summary>The defaults are those that the documentation gives.</summary>
public sealed class DefaultsTests
{
    [Theory]
    [InlineData(typeof(SkTuning.Serving.ClassifierEngine), 11)]
    [InlineData(typeof(SkTuning.Server.ClassifierServer), 5)]
    public void Defaults_are_documented(Type type, int atLeast) => DocumentedDefaults.Check(type, atLeast);
}

namespace SkTuning.Tests.Data;

/// <summary>The defaults are those that the documentation gives.</summary>
public sealed class DefaultsTests
{
    [Theory]
    [InlineData(typeof(Row), 25)]
    public void Defaults_are_documented(Type type, int atLeast) => DocumentedDefaults.Check(type, atLeast);
}

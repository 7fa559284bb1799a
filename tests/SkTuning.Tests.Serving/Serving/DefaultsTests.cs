namespace SkTuning.Tests.Serving;

/// <summary>The defaults are those that the documentation gives.</summary>
public sealed class DefaultsTests
{
    [Theory]
    [InlineData(typeof(SkTuning.Serving.ClassifierEngine), 11)]
    [InlineData(typeof(SkTuning.Server.ClassifierServer), 5)]
    public void Defaults_are_documented(Type type, int atLeast)
    {
        var (compared, wrong) = DocumentedDefaults.Of(type.Assembly);
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
        Assert.True(compared >= atLeast, $"{compared}");
    }
}

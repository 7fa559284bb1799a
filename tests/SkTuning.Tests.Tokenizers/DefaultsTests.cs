using SkTuning.Tokenizers;

namespace SkTuning.Tests.Tokenizers;

/// <summary>The defaults are those that the documentation gives.</summary>
public sealed class DefaultsTests
{
    [Theory]
    [InlineData(typeof(TextTokenizer), 9)]
    public void Defaults_are_documented(Type type, int atLeast)
    {
        var (compared, wrong) = DocumentedDefaults.Of(type.Assembly);
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
        Assert.True(compared >= atLeast, $"{compared}");
    }
}

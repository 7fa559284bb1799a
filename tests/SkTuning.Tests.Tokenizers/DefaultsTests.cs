using SkTuning.Tokenizers;

namespace SkTuning.Tests.Tokenizers;

/// <summary>The defaults are those that the documentation gives.</summary>
public sealed class DefaultsTests
{
    [Theory]
    [InlineData(typeof(TextTokenizer), 9)]
    public void Defaults_are_documented(Type type, int atLeast) => DocumentedDefaults.Check(type, atLeast);
}

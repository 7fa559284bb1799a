using SkTuning.Onnx;

namespace SkTuning.Tests.Onnx;

/// <summary>The defaults are those that the documentation gives.</summary>
public sealed class DefaultsTests
{
    [Theory]
    [InlineData(typeof(OnnxExport), 2)]
    public void Defaults_are_documented(Type type, int atLeast) => DocumentedDefaults.Check(type, atLeast);
}

using SkTuning.Diagnostics;

namespace SkTuning.Tests.Models;

public sealed class SelfCheckTests
{
    [Theory, InlineData(Precision.Float32), InlineData(Precision.BFloat16), InlineData(Precision.Float16)]
    public void The_embedded_model_holds(Precision precision)
    {
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu", Precision = precision });
        var results = SelfCheck.Run(model);
        Assert.Equal(3, results.Count);
        Assert.All(results, r => Assert.True(r.Holds, $"{r.Name}: {r.Difference:E2}"));
    }

    [Fact]
    public void An_encoder_is_checked_for_padding_only()
    {
        var minilm = Path.Combine(Fixtures.Shared, "models", "minilm");
        Fixtures.SkipWithout(minilm);
        using var model = FrozenModel.Load(minilm, new() { Device = "cpu" });
        Assert.All(SelfCheck.Run(model), r => Assert.True(r.Holds, $"{r.Name}: {r.Difference:E2}"));
    }
}

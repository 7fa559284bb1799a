using SkTuning.Onnx;

namespace SkTuning.Tests.OnnxRuntime;

/// <summary>A model that was exported with its adapter as inputs runs other adapters of the same kind.</summary>
public sealed class SharedModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FrozenModel _model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });

    [Fact]
    public void Each_adapter_has_the_predictions_of_the_library()
    {
        using var first = Train(new SkPrefixOptions { Bottleneck = 4 }, "my card", Exports.Rows);
        using var second = Train(new SkPrefixOptions { Bottleneck = 4 }, "my card was late", [.. Exports.Rows.Where(r => r.Label != "bill")]);
        OnnxExport.Write(first, _folder["shared"], new() { AdapterAsInputs = true });
        OnnxExport.WriteAdapter(second, _folder["second"]);
        Assert.False(File.Exists(Path.Combine(_folder["second"], "model.onnx")));
        using var one = OnnxClassifier.Load(_folder["shared"]);
        using var two = Assert.IsType<OnnxClassifier>(one.WithAdapter(_folder["second"]));
        AssertSame(first, one);
        AssertSame(second, two);
        AssertSame(first, one);
    }

    [Fact]
    public void A_low_rank_adapter_is_not_part_of_the_weights()
    {
        using var first = Train(new LoraOptions { Rank = 2 }, "", Exports.Rows);
        using var second = Train(new LoraOptions { Rank = 2 }, "", [.. Exports.Rows.Reverse()], seed: 7);
        using var other = Train(new LoraOptions { Rank = 2, Targets = ["all"] }, "", Exports.Rows);
        OnnxExport.Write(first, _folder["shared"], new() { AdapterAsInputs = true });
        OnnxExport.WriteAdapter(second, _folder["second"]);
        OnnxExport.WriteAdapter(other, _folder["other"]);
        using var one = OnnxClassifier.Load(_folder["shared"]);
        using var two = (OnnxClassifier)one.WithAdapter(_folder["second"]);
        AssertSame(second, two);
        var refused = Assert.Throws<SkTuningFileException>(() => one.WithAdapter(_folder["other"]));
        Assert.Contains("same method, rank and head", refused.Message);
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_name()
    {
        using var prefix = Train(new SkPrefixOptions { Bottleneck = 4 }, "my card", Exports.Rows);
        using var probe = Train(new ProbeOptions(), "", Exports.Rows);
        OnnxExport.Write(prefix, _folder["shared"], new() { AdapterAsInputs = true });
        OnnxExport.Write(prefix, _folder["own"]);
        OnnxExport.WriteAdapter(probe, _folder["probe"]);
        OnnxExport.WriteAdapter(prefix, _folder["changed"]);
        var tensors = Path.Combine(_folder["changed"], "adapter.safetensors");
        var bytes = File.ReadAllBytes(tensors);
        bytes[^1] ^= 1;
        File.WriteAllBytes(tensors, bytes);
        using OnnxClassifier shared = OnnxClassifier.Load(_folder["shared"]), own = OnnxClassifier.Load(_folder["own"]);
        Assert.Contains("injection.prefix.0.keys", Message(() => shared.WithAdapter(_folder["probe"])));
        Assert.Contains("sktuning.checksum", Message(() => shared.WithAdapter(_folder["changed"])));
        Assert.Contains("head.", Message(() => own.WithAdapter(_folder["probe"])));
        Assert.Contains("exported.json", Message(() => shared.WithAdapter(_folder["nothing"])));

        static string Message(Action action) => Assert.ThrowsAny<SkTuningException>(action).Message;
    }

    [Fact]
    public void Weights_of_8_bits_give_a_text_the_same_scores_beside_any_others()
    {
        using var prefix = Train(new SkPrefixOptions { Bottleneck = 4 }, "my card", Exports.Rows);
        OnnxExport.Write(prefix, _folder["small"], new() { Precision = OnnxPrecision.Int8 });
        using var small = OnnxClassifier.Load(_folder["small"]);
        var together = small.Predict(Exports.Texts);
        foreach (var (text, prediction) in Exports.Texts.Zip(together)) Assert.Equal(small.Predict(text).Scores, prediction.Scores);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    private TextClassifier Train(TuningOptions method, string prompt, IReadOnlyList<Row> rows, ulong seed = 1) => TextClassifier.Train(_model, rows,
        new() { Prompt = prompt, Method = method, Head = new LinearHeadOptions(), Training = new() { Epochs = 1, Seed = seed } });

    private static void AssertSame(TextClassifier expected, OnnxClassifier actual)
    {
        Assert.Equal([.. expected.Labels], actual.Labels);
        foreach (var (e, a) in expected.Predict(Exports.Texts).Zip(actual.Predict(Exports.Texts)))
        {
            Assert.Equal(e.Label, a.Label);
            Assert.Equal(e.Confidence, a.Confidence, 1e-4);
        }
    }
}

using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Onnx;
using static TorchSharp.torch;

namespace SkTuning.Tests.Onnx;

/// <summary>The graph of a pruned adapter has the sliced weights.</summary>
public sealed class OnnxPrunedTests
{
    private static readonly int[][] Rows = [[7, 33, 12, 95, 20, 8], [5, 6], [90, 41, 13]];

    [Theory, InlineData("llama"), InlineData("gpt2"), InlineData("bert"), InlineData("phi3"), InlineData("modernbert"), InlineData("albert"),
        InlineData("falcon-40b"), InlineData("deberta-v2")]
    public void Scores_are_those_of_the_sliced_model_and_the_file_is_smaller(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var whole = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", family), new() { Device = "cpu" }, CPU).Transformer;
        // A different number of units in each layer, except where layers share their weights.
        var kept = whole.InnerSizes.Select((size, l) => Enumerable.Range(0, size).Where(u => u % 3 != 1).Skip(whole.SharesLayers ? 0 : l).ToArray()).ToList();
        using var pruned = whole.Pruned(kept, CPU);
        var (large, small) = (Size(whole, null), Size(pruned, pruned));
        Assert.True(small < large - pruned.SlicedBytes / 4, $"{small} and {large} bytes");

        static long Size(SkTuning.Models.Transformer model, SkTuning.Models.Transformer? compared)
        {
            var (method, head) = (new LoraOptions { Targets = ["all"] }.CreateMethod(model.Config, SkTuning.Prompts.PromptEncoding.Read(model, [5, 17], CPU)),
                new LinearHead(3, model.Config.StateSize, Pooling.Mean));
            using var tuned = new TunedModel(model, method, head, new ParameterSet(TunedModel.Specs(method, head), 1, CPU));
            tuned.Parameters.Restore(tuned.Parameters.Values + randn([tuned.Parameters.Count], generator: new Generator(3)) * 0.1);
            using var run = new OnnxRun(AdapterGraph.Of(tuned, OnnxPrecision.Float32, false, false, false).Graph);
            using var batch = TokenBatch.Of(Rows, CPU);
            if (compared is not null) Fixtures.AssertClose(tuned.Baked(batch), run.Run(batch)["scores"], "scores");
            return new FileInfo(run.File).Length;
        }
    }

    [Fact]
    public void It_is_not_an_input_of_a_graph_of_other_units()
    {
        using var folder = new TemporaryFolder();
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        Row[] rows = [new("my parcel", "box"), new("my card", "money")];
        using var pruned = TextClassifier.Train(model, rows, new()
        {
            Prompt = "is it my box", Method = new SkPrefixOptions(), Prune = new() { By = PruningScore.Magnitude }, Training = new() { Epochs = 1, Folds = 0 },
        });
        foreach (var write in (Action[])[() => OnnxExport.Write(pruned, folder["a"], new() { AdapterAsInputs = true }),
            () => OnnxExport.WriteAdapter(pruned, folder["b"])])
            Assert.Contains("shared graph", Assert.Throws<SkTuningException>(write).Message);
    }
}

using SkTuning.Batches;
using SkTuning.Onnx;
using SkTuning.Onnx.Format;
using SkTuning.Tests.Methods;
using static TorchSharp.torch;

namespace SkTuning.Tests.Onnx;

/// <summary>The scores of a graph in ONNX Runtime equal those of the library, for every tuning method.</summary>
public sealed class OnnxMethodTests
{
    private static readonly int[][] Rows = [[7, 33, 12, 95, 20, 8], [5, 6], [90, 41, 13]];

    public static IEnumerable<TheoryDataRow<string, string>> Cases() => MethodCases.Rows();

    [Theory, MemberData(nameof(Cases))]
    public void Scores_are_those_of_the_library(string name, string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var on = new MethodOn(name, family);
        on.Perturb();
        if (!on.Case.RowsAreAlone)
        {
            var refused = Assert.Throws<SkTuningException>(() => AdapterGraph.Of(on.Tuned, OnnxPrecision.Float32, false, false, false));
            Assert.Contains("padding", refused.Message);
            return;
        }
        if (on.Method.ReadsText)
        {
            var refused = Assert.Throws<SkTuningException>(() => AdapterGraph.Of(on.Tuned, OnnxPrecision.Float32, false, false, false));
            Assert.Contains("The method ipt cannot be exported to ONNX", refused.Message);
            return;
        }
        using var batch = TokenBatch.Of(Rows, CPU);
        using var run = new OnnxRun(AdapterGraph.Of(on.Tuned, OnnxPrecision.Float32, readsTypes: false, answersAtPositions: false, withFeatures: false).Graph);
        Fixtures.AssertClose(on.Tuned.Baked(batch), run.Run(batch)["scores"], "scores");
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_graph_with_the_adapter_as_inputs_serves_another_adapter(string name, string family)
    {
        // One weight in the checkpoint for what the adapter changes as parts, or the other way round.
        string[] ofFused = family is "gpt2" or "bloom" ? ["lora all", "bitfit"] : family is "phi3" ? ["lora all"] : family is "deberta-v2" ? ["lora"] : [];
        string[] notApart = ["l-tuning", "top-layers", "ia3 at inputs", .. ofFused];
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var on = new MethodOn(name, family);
        if (!on.Case.RowsAreAlone || on.Method.ReadsText) return;
        if (notApart.Contains(name))
        {
            var refused = Assert.Throws<SkTuningException>(() => Made());
            Assert.Contains("AdapterAsInputs", refused.Message);
            return;
        }
        using var batch = TokenBatch.Of(Rows, CPU);
        var (graph, untrained) = Made();
        using var run = new OnnxRun(graph);
        on.Perturb();
        var (_, inputs) = Made();
        Assert.Equal(untrained.Select(t => t.Name), inputs.Select(t => t.Name));
        Fixtures.AssertClose(on.Tuned.Baked(batch), run.Run(batch, inputs)["scores"], "scores");

        (Graph, IReadOnlyList<StoredTensor>) Made() => AdapterGraph.Of(on.Tuned, OnnxPrecision.Float32, false, false, false, adapterAsInputs: true);
    }
}

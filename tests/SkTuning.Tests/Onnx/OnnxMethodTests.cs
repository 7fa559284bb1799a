using SkTuning.Batches;
using SkTuning.Onnx;
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
        using var batch = TokenBatch.Of(Rows, CPU);
        using var run = new OnnxRun(AdapterGraph.Of(on.Tuned, OnnxPrecision.Float32, readsTypes: false, answersAtPositions: false, withFeatures: false));
        Fixtures.AssertClose(on.Tuned.Baked(batch), run.Run(batch)["scores"], "scores");
    }
}

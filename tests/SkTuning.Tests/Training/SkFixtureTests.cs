using System.Globalization;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Prompts;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Tests.Training;

/// <summary>SkPrefix and SkPrompt against a second implementation in PyTorch: 20 steps, with every loss, gradient norm and final value equal to 1e-4.</summary>
[Trait("Category", "Parity")]
public sealed class SkFixtureTests
{
    private const int BatchSize = 8;

    public static IEnumerable<TheoryDataRow<string>> Files()
        => Directory.Exists(Path.Combine(Fixtures.Root, "training"))
            ? Directory.GetFiles(Path.Combine(Fixtures.Root, "training"), "*-skpr*.safetensors").Order(StringComparer.Ordinal)
                .Select(f => new TheoryDataRow<string>(Path.GetFileName(f)))
            : [];

    [Theory, MemberData(nameof(Files))]
    public void Twenty_steps_equal(string file)
    {
        using var scope = NewDisposeScope();
        var (expected, metadata) = Fixtures.Read(Path.Combine(Fixtures.Root, "training", file));
        var model = Path.Combine(Fixtures.Root, "models", metadata["model"]);
        using var transformer = FrozenModel.LoadTransformer(model, new() { Device = TestDevice.Name }, TestDevice.Torch).Transformer;
        var down = expected.Keys.First(k => k.StartsWith("start.adapter.", StringComparison.Ordinal) && k.EndsWith("down.bias", StringComparison.Ordinal));
        var bottleneck = (int)expected[down].shape[0];
        TuningOptions options = metadata["method"] == "skprompt"
            ? new SkPromptOptions { Bottleneck = bottleneck } : new SkPrefixOptions { Bottleneck = bottleneck };
        int[] promptIds = [.. expected["prompt_ids"].cpu().data<long>().ToArray().Select(i => (int)i)];
        using var prompt = PromptEncoding.Read(transformer, promptIds, TestDevice.Torch, options.PromptLayers);
        var method = options.CreateMethod(transformer.Config, prompt);
        var head = new LinearHead((int)expected["start.head.weight"].shape[0], transformer.Config.Hidden, Pooling.Mean);
        using var tuned = new TunedModel(transformer, method, head, new ParameterSet(TunedModel.Specs(method, head), 1, TestDevice.Torch));
        foreach (var spec in tuned.Parameters.Specs) tuned.Parameters.Set(spec.Name, expected["start." + spec.Name]);

        var rows = Rows(expected);
        var labels = expected["labels"].cpu().data<long>().ToArray();
        Fixtures.AssertClose(expected["logits_start"], All(tuned, rows), "logits at the start");

        var rates = metadata["lr"].Trim('[', ']').Split(',').Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray();
        var schedule = new LearningRateSchedule(rates.Max(), 4, rates.Length);
        using var optimizer = new AdamW(tuned.Parameters, weightDecay: 0.01);
        var step = new TrainingStep(tuned, optimizer, maxGradientNorm: 1, new SingleLabelObjective(new(["a", "b", "c"])));
        for (var s = 0; s < rates.Length; s++)
        {
            Assert.Equal(rates[s], schedule.At(s), 1e-12);
            var chosen = Enumerable.Range(0, BatchSize).Select(j => (BatchSize * s + j) % rows.Count).ToArray();
            using var batch = TokenBatch.Of([.. chosen.Select(r => rows[r])], TestDevice.Torch);
            var (loss, norm) = step.Take(batch, tensor(chosen.Select(r => labels[r]).ToArray()).Here(), rates[s], rates[s]);
            if (s == 0)
                foreach (var spec in tuned.Parameters.Specs)
                    Fixtures.AssertClose(expected["grad0." + spec.Name], tuned.Parameters[spec.Name].grad!, $"first gradient of {spec.Name}");
            Fixtures.AssertClose(expected["losses"][s], tensor((float)loss), $"loss of step {s}");
            Fixtures.AssertClose(expected["grad_norms"][s], tensor((float)norm), $"gradient norm of step {s}");
        }
        foreach (var spec in tuned.Parameters.Specs)
            Fixtures.AssertClose(expected["end." + spec.Name], tuned.Parameters[spec.Name], $"end value of {spec.Name}");
        Fixtures.AssertClose(expected["logits_end"], All(tuned, rows), "logits at the end");
    }

    private static List<int[]> Rows(Dictionary<string, Tensor> expected)
    {
        var (ids, lengths) = (expected["rows"], expected["lengths"].cpu().data<long>().ToArray());
        return [.. lengths.Select((n, r) => ids[r].narrow(0, 0, n).cpu().data<long>().ToArray().Select(i => (int)i).ToArray())];
    }

    private static Tensor All(TunedModel tuned, List<int[]> rows)
    {
        using var batch = TokenBatch.Of(rows, TestDevice.Torch);
        return tuned.Baked(batch);
    }
}

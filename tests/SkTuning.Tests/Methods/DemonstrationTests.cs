using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Tests.Methods;

/// <summary>Context tuning: a prefix that starts as demonstrations, which training rows do not see of themselves.</summary>
public sealed class DemonstrationTests
{
    private static readonly int[][] Rows = [[7, 33, 12], [90, 41, 13]];

    private static IReadOnlyList<Row> Support(int shots)
        => Splits.KShot(RowFile.Load(Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv")), shots, 1);

    [Theory, InlineData("llama"), InlineData("gpt2"), InlineData("bloom")]
    public void A_row_does_not_depend_on_the_keys_and_values_of_its_own_demonstration(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var on = new MethodOn("prefix demonstrations", family);
        using var batch = TokenBatch.Of(Rows, TestDevice.Torch);
        var unmasked = on.Tuned.Live(batch);
        on.Method.OwnDemonstration = row => row.Ids[0] == 7 ? new PromptPart(1, 2) : null;
        var before = on.Tuned.Live(batch);
        Fixtures.AssertSame(before, on.Tuned.Baked(batch), "live and baked scores");
        Assert.True((unmasked[0] - before[0]).abs().max().item<float>() > 1e-5, "the demonstration changed nothing");
        Fixtures.AssertClose(unmasked[1], before[1], "a row without a demonstration", 1e-6);
        var prefix = on.Tuned.Parameters.Adapter("embeddings");
        prefix.narrow(0, 1, 2).mul_(-3);
        on.Tuned.Parameters.Changed();
        var after = on.Tuned.Live(batch);
        Fixtures.AssertSame(before[0], after[0], "the row of the demonstration");
        Assert.True((before[1] - after[1]).abs().max().item<float>() > 1e-5, "the other row does not see the demonstration");
        on.Method.OwnDemonstration = null;
        Assert.True((before[0] - on.Tuned.Live(batch)[0]).abs().max().item<float>() > 1e-5, "after training, every row sees everything");
    }

    [Fact]
    public void Hidden_positions_keep_the_positions_of_the_keys_after_them()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var on = new MethodOn("prefix demonstrations", "bloom");
        var (positions, seen) = (arange(4, 6, ScalarType.Int64).unsqueeze(0).Here(), tensor(new long[] { 1, 0, 0, 1, 1, 1 }, [1, 6]).Here());
        Tensor Bias(Tensor? mask, bool keeps) => new AttentionBias(on.Config, positions, mask, 4, ScalarType.Float32, keeps).For(0, withPrefix: true)!;
        var all = Bias(null, false);
        Fixtures.AssertSame(all.index_select(3, tensor(new long[] { 0, 3, 4, 5 }).Here()),
            Bias(seen, true).index_select(3, tensor(new long[] { 0, 3, 4, 5 }).Here()), "biases of what is seen");
        Assert.True((Bias(seen, false).select(3, 3) - all.select(3, 3)).abs().max().item<float>() > 0, "padding moves the keys after it");
    }

    [Fact]
    public void Positions_are_dropped_only_in_training_and_never_the_first_one()
    {
        using var scope = NewDisposeScope();
        using var on = new MethodOn("prefix demonstrations", "llama");
        using var batch = TokenBatch.Of([.. Enumerable.Repeat(Rows[0], 64)], TestDevice.Torch);
        var method = new PrefixTuningOptions { TokenDropout = 0.5 }.CreateMethod(on.Config, on.Prompt);
        var injection = method.Inject(on.Tuned.Parameters, training: true);
        Assert.Same(injection, method.ForRows(injection, batch, on.Tuned.Parameters, training: false));
        var mask = method.ForRows(injection, batch, on.Tuned.Parameters, training: true).PrefixMask!;
        Assert.Equal([64, 4], mask.shape);
        Assert.Equal(64, mask.select(1, 0).sum().item<long>());
        Assert.InRange(mask.narrow(1, 1, 3).sum().item<long>(), 48, 144);
    }

    [Fact]
    public void Each_label_has_as_many_demonstrations_as_asked_for_and_training_finds_them_in_the_prompt()
    {
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = TestDevice.Name });
        var rows = Support(3);
        using var folder = new TemporaryFolder();
        using var tuned = TextClassifier.Train(model, rows, new()
        {
            Prompt = "Messages and their topics.",
            Template = "Message: {text}\nTopic:",
            Method = new PrefixTuningOptions { Demonstrations = 1 },
            Training = new() { Folds = 0, MaxSteps = 2 },
        });
        var (definition, labels) = (tuned.Adapter.Definition, tuned.Labels);
        var shown = rows.Where(r => definition.Prompt.Contains($"Message: {r.Text}\nTopic: {r.Label}\n\n", StringComparison.Ordinal)).ToList();
        Assert.Equal(labels.Order(StringComparer.Ordinal), shown.Select(r => r.Label).Order(StringComparer.Ordinal));
        Assert.StartsWith("Messages and their topics.\n\nMessage: ", definition.Prompt);
        Assert.EndsWith("\n\n", definition.Prompt);
        var find = OwnDemonstrations.Of(tuned.Adapter)!;
        foreach (var row in rows)
        {
            var part = find(tuned.Adapter.Encoder.Encode(row.Text) with { Classes = [labels.ToList().IndexOf(row.Label)] });
            Assert.Equal(shown.Contains(row), part is not null);
            if (part is not { } p) continue;
            var read = model.Tokenizer.Decode(definition.PromptIds.AsSpan(p.Start, p.Count).ToArray());
            Assert.Equal($"Message: {row.Text}\nTopic: {row.Label}", read.Trim());
        }
        // Another label for the text is not its demonstration.
        var wrong = (labels.ToList().IndexOf(shown[0].Label) + 1) % labels.Count;
        Assert.Null(find(tuned.Adapter.Encoder.Encode(shown[0].Text) with { Classes = [wrong] }));
        tuned.Save(folder["a"]);
        using var again = TextClassifier.Load(folder["a"], model);
        foreach (var row in rows) Assert.Equal(tuned.Predict(row.Text).Scores.Values, again.Predict(row.Text).Scores.Values);
    }

    [Fact]
    public void Demonstrations_are_chosen_in_rounds_of_all_labels_and_by_the_seed()
    {
        int[] labels = [0, 0, 0, 1, 1, 2];
        var chosen = Demonstrations.Choose(labels, 2, 5);
        Assert.Equal([0, 1, 2, 0, 1], chosen.Select(r => labels[r]));
        Assert.Equal(5, chosen.Distinct().Count());
        Assert.Equal(chosen, Demonstrations.Choose(labels, 2, 5));
        Assert.Contains(Enumerable.Range(0, 20), seed => !Demonstrations.Choose(labels, 2, (ulong)seed).SequenceEqual(chosen));
        Assert.Equal("Task:\n\na: x\n\n", Demonstrations.After("Task: ", [Demonstrations.Of(RowTemplate.Parse("{text}:"), "a", null, "x")]));
    }

    [Fact]
    public void Demonstrations_without_a_place_are_refused_by_name()
    {
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = TestDevice.Name });
        var options = new TextClassifierOptions { Prompt = "Classify:", Method = new PrefixTuningOptions { Demonstrations = 1 } };
        Refused("random start", () => TextClassifier.Train(model, Support(2), options with
        {
            Method = new PrefixTuningOptions { Demonstrations = 1, Start = PrefixStart.Random },
        }));
        Refused("windows", () => TextClassifier.Train(model, Support(2), options with { Truncation = Truncation.Windows }));
        Refused("one label for each text", () => TextRegressor.Train(model, [new("a", "1"), new("b", "2")], new()
        {
            Prompt = "Rate:", Method = new PrefixTuningOptions { Demonstrations = 1 },
        }));

        static void Refused(string expected, Action train) => Assert.Contains(expected, Assert.Throws<SkTuningException>(train).Message);
    }
}

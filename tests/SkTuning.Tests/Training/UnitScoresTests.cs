using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Tests.Models;
using SkTuning.Training.Pruning;
using static TorchSharp.torch;

namespace SkTuning.Tests.Training;

/// <summary>The scores of feed-forward units are what they say, and the units with the highest ones are chosen.</summary>
public sealed class UnitScoresTests
{
    private static readonly string[] Texts = ["my parcel", "my card"];

    /// <summary>
    /// The output of one layer without a norm after it is linear in its inner activations: the attributions add up to what the units contribute.
    /// </summary>
    [Theory, InlineData("llama"), InlineData("gpt2"), InlineData("phi3"), InlineData("gpt_neox"), InlineData("gemma")]
    public void Attributions_add_up_to_a_linear_target(string family)
    {
        using var scope = NewDisposeScope();
        using var model = new TraitModels(family);
        var transformer = model.Transformer;
        var probe = randn([3, 6, model.Config.Hidden], generator: new Generator(5)).Here();
        var one = UnitScores.Attribution(transformer, Injection.None, TestDevice.Torch, Target)[0];
        using var off = no_grad();
        var (with, size) = (At(ones(transformer.InnerSizes[0]).Here()), transformer.InnerSizes[0]);
        Assert.Equal(with - At(zeros(size).Here()), one.sum().item<float>(), 1e-3);
        for (var unit = 0; unit < size; unit += 7)
        {
            var others = ones(size).Here();
            others[unit] = 0;
            Assert.Equal(with - At(others), one[unit].item<float>(), 1e-3);
        }

        float At(Tensor scale) => Target(Injection.None.Scaled([scale, .. transformer.InnerSizes.Skip(1).Select(s => ones(s).Here())])).item<float>();

        Tensor Target(Injection injection)
            => (transformer.Forward(new() { Ids = TraitModels.Ids, Injection = injection, Layers = 1 }).Text * probe).sum();
    }

    [Theory, InlineData("llama"), InlineData("gpt2"), InlineData("bert"), InlineData("phi3"), InlineData("modernbert"), InlineData("albert")]
    public void Attributions_are_the_slopes_of_finite_differences_in_fp64(string family)
    {
        const double Step = 1e-5;
        using var scope = NewDisposeScope();
        var loaded = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", family), new() { Device = TestDevice.Name, Float64 = true },
            TestDevice.Torch);
        using var transformer = loaded.Transformer;
        var probe = randn([3, 6, transformer.Config.StateSize], ScalarType.Float64, generator: new Generator(5)).Here();
        var scores = UnitScores.Attribution(transformer, Injection.None, TestDevice.Torch, Target);
        using var off = no_grad();
        foreach (var (layer, unit) in ((int, int)[])[(0, 0), (0, 9), (1, 3), (1, 20)])
        {
            var slope = (At(layer, unit, 1 + Step) - At(layer, unit, 1 - Step)) / (2 * Step);
            Assert.Equal(slope, scores[layer][unit].item<float>(), Math.Abs(slope) * 1e-5 + 1e-6);
        }

        double At(int layer, int unit, double factor)
        {
            Tensor[] scales = [.. transformer.InnerSizes.Select(s => ones(s, ScalarType.Float64).Here())];
            scales[layer][unit] = factor;
            return Target(Injection.None.Scaled(scales)).item<double>();
        }

        Tensor Target(Injection injection)
            => (transformer.Forward(new() { Ids = TraitModels.Ids, Mask = TraitModels.Mask, Injection = injection }).Text * probe).sum().tanh();
    }

    [Fact]
    public void The_score_of_a_unit_is_the_sum_over_rows_of_the_absolute_attribution_to_the_right_answer()
    {
        using var scope = NewDisposeScope();
        using var on = new Micro();
        var scores = UnitScores.Attribution(on.Adapter, on.Rows, on.Objective, CancellationToken.None);
        Assert.Equal(0, on.Adapter.Tuned.Parameters.Gradients.abs().sum().item<float>());
        var (transformer, expected) = (on.Adapter.Model.Transformer, new double[2]);
        foreach (var row in on.Rows)
        {
            using var batch = TokenBatch.Of([row], CPU);
            var one = UnitScores.Attribution(transformer, on.Adapter.Tuned.Bake(), CPU,
                injection => on.Adapter.Tuned.BakedWith(batch, injection).log_softmax(1)[0, row.Classes[0]]);
            for (var l = 0; l < 2; l++) expected[l] += Math.Abs(one[l][5].item<float>());
        }
        for (var l = 0; l < 2; l++) Assert.Equal(expected[l], scores[l][5], expected[l] * 1e-4);
        Assert.True(scores.SelectMany(s => s).Count(v => v > 0) > 10);
    }

    /// <summary>The output of layer 0 is linear in the unit: what it loses without the unit is the activation times the unit's column of down.</summary>
    [Fact]
    public void Activation_is_the_norm_over_all_positions()
    {
        using var scope = NewDisposeScope();
        using var on = new Micro();
        using var off = no_grad();
        var scores = UnitScores.Activation(on.Adapter, on.Rows, CancellationToken.None);
        var (transformer, injection) = (on.Adapter.Model.Transformer, on.Adapter.Tuned.Bake());
        var down = transformer.Replaceable["layers.0.mlp.down_proj.weight"].to_type(ScalarType.Float32);                // [D,units]
        foreach (var unit in (int[])[0, 3, 17])
        {
            var without = transformer.InnerSizes.Select(s => ones(s)).ToList();
            without[0][unit] = 0;
            var squares = 0.0;
            foreach (var row in on.Rows)
            {
                using var batch = TokenBatch.Of([row], CPU);
                Tensor Text(Injection given) => transformer.Forward(new() { Ids = batch.Ids, Injection = given, Layers = 1 }).Text;
                var lost = Text(injection) - Text(injection.Scaled(without));                                           // [1,T,D]
                var column = down[TensorIndex.Colon, TensorIndex.Single(unit)];
                squares += (lost * column).sum(-1).div(column.pow(2).sum()).pow(2).sum().item<float>();
            }
            Assert.Equal(Math.Sqrt(squares), scores[0][unit], Math.Sqrt(squares) * 1e-3);
        }
    }

    [Theory, InlineData("llama", "layers.1.mlp.gate_proj", "layers.1.mlp.up_proj", "layers.1.mlp.down_proj"),
        InlineData("gpt2", null, "h.1.mlp.c_fc", "h.1.mlp.c_proj"), InlineData("phi3", "layers.1.mlp.gate_up_proj", null, "layers.1.mlp.down_proj")]
    public void Magnitude_is_the_norm_of_the_units_weights(string family, string? gate, string? up, string down)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var model = new TraitModels(family);
        var (transformer, size) = (model.Transformer, model.Transformer.InnerSizes[1]);
        var scores = UnitScores.Magnitude(transformer, TestDevice.Torch)[1];
        Assert.Equal(size, scores.Length);
        foreach (var unit in (int[])[0, 11, size - 1])
        {
            var squares = Squares(down, 1, unit) + (up is null ? 0 : Squares(up, 0, unit)) + (gate is null ? 0 : Squares(gate, 0, unit))
                + (gate is not null && up is null ? Squares(gate, 0, unit + size) : 0);
            Assert.Equal(Math.Sqrt(squares), scores[unit], 1e-4);
        }

        double Squares(string name, int dimension, long index)
        {
            var weight = transformer.Replaceable[name + ".weight"];
            if (model.Config.TransposedLinears) weight = weight.t();
            return weight.select(dimension, index).pow(2).sum().item<float>();
        }
    }

    [Fact]
    public void Random_scores_belong_to_the_seed()
    {
        using var model = new TraitModels("llama");
        Assert.Equal(UnitScores.Random(model.Transformer, 3), UnitScores.Random(model.Transformer, 3));
        Assert.NotEqual(UnitScores.Random(model.Transformer, 3)[0], UnitScores.Random(model.Transformer, 4)[0]);
    }

    [Fact]
    public void The_highest_scores_are_kept()
    {
        double[][] scores = [[4, 1, 3, 2], [40, 10, 30, 20]];
        Assert.Equal([[0, 2], [0, 2]], UnitChoice.Highest(scores, ["a", "b"], 0.5, acrossLayers: false));
        Assert.Equal([[0, 2, 3], [0, 2, 3]], UnitChoice.Highest(scores, ["a", "b"], 0.75, acrossLayers: false));
        Assert.Equal([[0], [0]], UnitChoice.Highest(scores, ["a", "b"], 0.01, acrossLayers: false));
        Assert.Equal([[0, 1, 2, 3], [0, 1, 2, 3]], UnitChoice.Highest(scores, ["a", "b"], 1, acrossLayers: false));
        // Across layers, the best unit of each layer and the best others.
        Assert.Equal([[0], [0, 2, 3]], UnitChoice.Highest(scores, ["a", "b"], 0.5, acrossLayers: true));
        Assert.Equal([[0], [0]], UnitChoice.Highest(scores, ["a", "b"], 0.01, acrossLayers: true));
        // Layers that share weights keep the same units, by the sum of their scores; of equal scores, the lower unit is kept.
        Assert.Equal([[1], [1]], UnitChoice.Highest([[5, 6], [5, 9]], ["a", "a"], 0.5, acrossLayers: false));
        Assert.Equal([[0, 1]], UnitChoice.Highest([[7, 7, 7]], ["a"], 0.67, acrossLayers: false));
    }

    /// <summary>The small model with an adapter.</summary>
    private sealed class Micro : IDisposable
    {
        private readonly FrozenModel _model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        private readonly TextClassifier _trained;

        public Micro()
        {
            Row[] rows = [new(Texts[0], "box"), new(Texts[1], "money")];
            _trained = TextClassifier.Train(_model, rows, new()
            {
                Prompt = "is it my box", Method = new SkPrefixOptions { Bottleneck = 2 }, Training = new() { Epochs = 1, Folds = 0 },
            });
            var kind = (TaskKind<Row>)_trained.Task;
            Rows = [.. rows.Select(r => kind.Encode(Adapter, r, "rows"))];
            Objective = kind.CreateObjective(Adapter.Definition.Task, Adapter.Labels);
        }

        public AdapterModel Adapter => _trained.Adapter;

        public IReadOnlyList<EncodedRow> Rows { get; }

        public SkTuning.Tasks.Objective Objective { get; }

        public void Dispose()
        {
            _trained.Dispose();
            _model.Dispose();
        }
    }
}

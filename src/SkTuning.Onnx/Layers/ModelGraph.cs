using SkTuning.Models;
using SkTuning.Onnx.Format;
using SkTuning.Onnx.Graphs;

namespace SkTuning.Onnx.Layers;

/// <summary>The frozen model with an injection as a graph, written from its traits like <see cref="Transformer"/> itself.</summary>
internal sealed class ModelGraph
{
    private readonly Transformer _model;
    private readonly Dictionary<RotaryTrait, Rotation> _rotations = [];

    /// <param name="model">The frozen model.</param>
    /// <param name="injection">What a method injects, without gradients. Changes of weights are folded into them.</param>
    /// <param name="precision">The precision of the weights.</param>
    /// <param name="readsTypes">The graph has an input for token types.</param>
    /// <param name="copies">The number of times that each row is read, with an entry of the injection each.</param>
    /// <param name="adapterAsInputs">The adapter's tensors are inputs of the graph, not constants.</param>
    public ModelGraph(
        Transformer model, Injection injection, OnnxPrecision precision, bool readsTypes = false, int copies = 1, bool adapterAsInputs = false)
    {
        (_model, Injection) = (model, injection);
        Weights = new(Graph, model, injection, precision, adapterAsInputs);
        Norms = new(Graph, Weights);
        Sequence = new(Weights, Graph, injection, readsTypes, copies);
        Bias = new(Sequence, Config, Weights, model.BucketTable);
        if (model.Distances is { } distances) Distances = new(this, distances);
    }

    public GraphBuilder Graph { get; } = new();

    public ModelConfig Config => _model.Config;

    public WeightNames Names => _model.Names;

    /// <summary>Returns the inner size of the feed-forward of a layer.</summary>
    public int InnerSize(int layer) => _model.InnerSizes[layer];

    public Injection Injection { get; }

    public Weights Weights { get; }

    public Norms Norms { get; }

    public Sequence Sequence { get; }

    public Bias Bias { get; }

    public DistanceScores? Distances { get; }

    /// <summary>The input of each layer and the final states, text only, [R,T,·]; filled by <see cref="States"/>.</summary>
    public List<Value> Taps { get; } = [];

    /// <summary>The final states, input prompt first, [R,S,D].</summary>
    public Value Hidden { get; private set; }

    /// <summary>Adds the model and returns the states of the text, [R,T,D].</summary>
    public Value States()
    {
        var x = Embedded();
        var embedded = x;
        for (var l = 0; l < Config.Layers; l++)
        {
            Taps.Add(OfText(x));
            using var layer = Graph.Within($"layer.{l}");
            x = Layer(l, x);
            if (l == 0 && Config.Convolution is { } convolution) x = Convolved(convolution, embedded, x);
        }
        using var scope = Graph.Within("final");
        if (Config.FinalNorm) x = Norms.Apply(Config.Norm, Names.FinalNorm!, x, Config.Hidden);
        if (Names.OutputProjection is { } projection)
            x = Weights.Apply(Weights.Linear(projection, Config.Hidden, Config.Output, Weights.Has(projection + ".bias")), x);
        Hidden = x;
        var states = OfText(x);
        Taps.Add(states);
        return states;
    }

    /// <summary>The start of the names of a layer's tensors in the checkpoint.</summary>
    public string Prefix(int layer) => Names.OfLayer(layer);

    /// <summary>Returns the name of a constant of a layer. Layers that share their weights share it unless the injection changes one of them.</summary>
    public string Key(int layer, string name) => Injection.Linears?.Keys.Any(p => p.Layer == layer) == true ? $"layer.{layer}.{name}" : Prefix(layer) + name;

    /// <summary>Returns the change of a linear, or null.</summary>
    public LinearOverride? Change(int layer, LinearPart part) => Injection.Linears?.GetValueOrDefault(new(layer, part));

    /// <summary>Returns a linear with the change of the injection.</summary>
    public Linear Changed(int layer, LinearPart part, Linear linear)
        => Weights.Changed(linear, Change(layer, part), FormattableString.Invariant($"layer.{layer}.{part}"));

    /// <summary>Returns the rotary positions of a layer; null if it has none.</summary>
    public Rotation? RotationOf(int layer)
    {
        if (Config.Positions is not RotaryPositions positions || positions[layer] is not { } trait) return null;
        if (_rotations.TryGetValue(trait, out var made)) return made;
        return _rotations[trait] = new(Sequence, trait, _rotations.Count);
    }

    private Value OfText(Value states) => Sequence.PromptLength is { } length ? states.After(1, length) : states;

    private Value Embedded()
    {
        using var scope = Graph.Within("embeddings");
        var trait = Config.Embedding;
        var size = trait.Size > 0 ? trait.Size : Config.Hidden;
        var words = Weights.Lookup(Names.Embedding + ".weight", () => Weights[Names.Embedding + ".weight"], Config.Vocabulary, size, Sequence.Ids);
        if (trait.Scale != 1 && !trait.ScalesPrompt) words *= trait.Scale;
        if (Injection.InputPrompt is { } prompt)
            words = Graph.Concat(1, Sequence.PerRow(Sequence.PromptVectors!.Value), words);
        var sum = trait.ProjectsFirst ? Projected(words) : words;
        if (trait.ScalesPrompt) sum *= trait.Scale;
        if (Config.Positions is LearnedPositions learned)
        {
            var table = Weights.Exact(Names.Positions + ".weight", Weights[Names.Positions + ".weight"]);
            sum += table.Gather(learned.Offset == 0 ? Sequence.Positions : Sequence.Positions + Graph.Whole(learned.Offset));
        }
        if (trait.TokenTypes > 0)
        {
            var table = Weights.Exact(Names.TokenTypes + ".weight", Weights[Names.TokenTypes + ".weight"]);
            sum += Sequence.AllTypes is { } types ? table.Gather(types) : table.Slice(0, 0, 1);
        }
        if (trait.ProjectsFirst) return Normed(sum);
        return trait.NormAfterProjection ? Normed(Projected(sum)) : Projected(Normed(sum));

        Value Normed(Value x) => !trait.Norm ? x : Norms.Apply(Config.Norm, Names.EmbeddingNorm!, x, trait.NormAfterProjection ? Config.Hidden : size);

        Value Projected(Value x) => Names.EmbeddingProjection is not { } name ? x
            : Weights.Apply(Weights.Linear(name, size, Config.Hidden, Weights.Has(name + ".bias")), x);
    }

    private Value Layer(int layer, Value x)
    {
        var (attention, inner, prefix) = (new SelfAttention(this, layer), new Inner(this, layer), Prefix(layer));
        var attentionNorm = layer == 0 && Config.FirstLayerWithoutNorm ? null : Names.AttentionNorm;
        if (Config.Block == BlockTrait.NormAfter)
        {
            x = Norm(attentionNorm, Add(x, attention.Forward(x)));
            return Norm(Names.FeedForwardNorm, Add(x, inner.Forward(x)));
        }
        var normed = Norm(attentionNorm, x);
        var attended = Norm(Names.AttentionOutputNorm, attention.Forward(normed));
        if (Config.Block == BlockTrait.Parallel)
        {
            var beside = Names.FeedForwardNorm is null ? normed : Norm(Names.FeedForwardNorm, x);
            return Add(Add(x, attended), Norm(Names.FeedForwardOutputNorm, inner.Forward(beside)));
        }
        x = Add(Config.ResidualFromNorm ? normed : x, attended);
        normed = Norm(Names.FeedForwardNorm, x);
        return Add(Config.ResidualFromNorm ? normed : x, Norm(Names.FeedForwardOutputNorm, inner.Forward(normed)));

        Value Norm(string? name, Value t) => name is null ? t : Norms.Apply(Config.Norm, prefix + name, t, Config.Hidden);
        Value Add(Value a, Value b) => a + (Config.ResidualScale == 1 ? b : b * Config.ResidualScale);
    }

    private Value Convolved(ConvolutionTrait trait, Value embedded, Value x)
    {
        var (weight, bias) = (Names.Convolution + ".weight", Names.Convolution + ".bias");
        var seen = embedded * Sequence.Mask.Cast(ElementType.Float).Unsqueeze(2);
        var half = (trait.Kernel - 1) / 2;
        var mixed = Graph.Operation("Conv", [seen.Transpose(0, 2, 1), Weights.Exact(weight, Weights[weight]), Weights.Exact(bias, Weights[bias])],
            new NodeAttribute("group", Integer: trait.Groups), new NodeAttribute("pads", Integers: [half, half])).Transpose(0, 2, 1);
        return Norms.Apply(Config.Norm, Names.ConvolutionNorm!, x + Activate.Of(trait.Activation, mixed), Config.Hidden);
    }
}

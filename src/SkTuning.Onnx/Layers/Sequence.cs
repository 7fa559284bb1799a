using SkTuning.Models;
using SkTuning.Onnx.Format;
using SkTuning.Onnx.Graphs;

namespace SkTuning.Onnx.Layers;

/// <summary>
/// The inputs of a graph, and what follows from them for every layer: positions and key mask. R is the number of sequences, T the length of the text,
/// S = I + T with an input prompt of I vectors, P the length of a prefix.
/// </summary>
internal sealed class Sequence
{
    private readonly int _copies;

    /// <param name="graph">The graph.</param>
    /// <param name="config">The traits of the model.</param>
    /// <param name="injection">What is injected.</param>
    /// <param name="readsTypes">The graph has an input for token types.</param>
    /// <param name="copies">The number of times that each row is read, with an entry of the injection each.</param>
    public Sequence(GraphBuilder graph, ModelConfig config, Injection injection, bool readsTypes, int copies)
    {
        (Graph, _copies) = (graph, copies);
        var (ids, mask) = (Input("input_ids"), Input("attention_mask"));
        var types = readsTypes ? Repeated(Input("token_type_ids")) : (Value?)null;
        (Ids, TextMask) = (Repeated(ids), Repeated(mask));
        Rows = Ids.Size(0);
        (Prompt, Prefix) = (injection.InputPrompt?.shape[1] ?? 0, injection.PrefixLength);
        AllTypes = types is { } given && Prompt > 0 ? graph.Concat(1, Filled(Prompt, 0), given) : types;
        Mask = Prompt == 0 ? TextMask : graph.Concat(1, Filled(Prompt, 1), TextMask);
        Length = Mask.Size(1);
        var counted = (graph.Operation("CumSum", [Mask, graph.Whole(1)]) - graph.Whole(1)).AtLeast(graph.Whole(0));
        Positions = injection.PositionOffset is { } offset ? counted + PerRow(Constant("injection.offset", offset)).Unsqueeze(1)
            : Prefix == 0 ? counted : counted + graph.Whole(Prefix);
        (KeyMask, KeyPositions) = (Mask, Positions);
        if (Prefix == 0) return;
        var real = injection.PrefixMask is { } realOnes ? PerRow(Constant("injection.mask", realOnes), Prefix) : Filled(Prefix, 1);
        KeyMask = graph.Concat(1, real, Mask);
        // Padding in a prefix takes no position.
        var before = (graph.Operation("CumSum", [real, graph.Whole(1)]) - graph.Whole(1)).AtLeast(graph.Whole(0));
        KeyPositions = graph.Concat(1, before, Positions);
    }

    public GraphBuilder Graph { get; }

    /// <summary>The token ids, [R,T] int64.</summary>
    public Value Ids { get; }

    /// <summary>The token types, input prompt first, [R,S] int64; null: all are 0.</summary>
    public Value? AllTypes { get; }

    /// <summary>1 for tokens of the text, [R,T] int64.</summary>
    public Value TextMask { get; }

    /// <summary>1 for real positions, input prompt first, [R,S] int64.</summary>
    public Value Mask { get; }

    /// <summary>[R,S] int64.</summary>
    public Value Positions { get; }

    /// <summary>1 for real keys, prefix first, [R,P+S] int64.</summary>
    public Value KeyMask { get; }

    /// <summary>[R,P+S] int64.</summary>
    public Value KeyPositions { get; }

    /// <summary>R, [1] int64.</summary>
    public Value Rows { get; }

    /// <summary>S, [1] int64.</summary>
    public Value Length { get; }

    /// <summary>I.</summary>
    public long Prompt { get; }

    /// <summary>P.</summary>
    public long Prefix { get; }

    /// <summary>Returns an entry of the injection for each sequence, [R, ..] from [1 or copies, ..].</summary>
    public Value PerRow(Value entries, params long[] rest)
    {
        var sizes = Graph.Concat(0, Rows, Graph.Integers(rest));
        if (_copies == 1) return rest.Length == 0 ? entries.Expand(Rows) : entries.Expand(sizes);
        // Rows follow each other: those of the first text with all entries, then those of the second.
        var texts = Graph.Operation("Div", [Rows, Graph.Integers(_copies)]);
        var tiled = entries.Unsqueeze(0).Expand(Graph.Concat(0, [texts, Graph.Integers([_copies, .. rest])]));
        return tiled.Reshape(rest.Length == 0 ? Rows : sizes);
    }

    private Value Filled(long columns, long number) => Graph.Whole(number).Expand(Graph.Concat(0, Rows, Graph.Integers(columns)));

    private Value Input(string name) => Graph.Input(name, ElementType.Int64, "batch", "length");

    private Value Repeated(Value input)
    {
        if (_copies == 1) return input;
        var shape = Graph.Concat(0, input.Size(0), Graph.Integers(_copies), input.Size(1));
        return input.Unsqueeze(1).Expand(shape).Reshape(Graph.Concat(0, Graph.Integers(-1), input.Size(1)));
    }

    private Value Constant(string name, TorchSharp.torch.Tensor values)
    {
        using var here = values.cpu().contiguous();
        return Graph.Constant(name, ElementType.Int64, here.shape, here.bytes.ToArray());
    }
}

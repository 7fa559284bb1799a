using SkTuning.Models;
using SkTuning.Onnx.Format;
using SkTuning.Onnx.Graphs;
using static TorchSharp.torch;

namespace SkTuning.Onnx.Layers;

/// <summary>
/// The inputs of a graph, and what follows from them for every layer: positions and key mask. R is the number of sequences, T the length of the text,
/// S = I + T with an input prompt of I vectors, P the length of a prefix.
/// </summary>
internal sealed class Sequence
{
    private readonly Weights _weights;
    private readonly int _copies;

    /// <param name="weights">The constants of the graph.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="injection">What is injected.</param>
    /// <param name="readsTypes">The graph has an input for token types.</param>
    /// <param name="copies">The number of times that each row is read, with an entry of the injection each.</param>
    public Sequence(Weights weights, GraphBuilder graph, Injection injection, bool readsTypes, int copies)
    {
        (_weights, Graph, _copies) = (weights, graph, copies);
        if (weights.AdapterAsInputs && (injection.PrefixMask ?? injection.PositionOffset) is not null)
            throw Weights.NotApart("the length of its prefix for each label");
        var (ids, mask) = (Input("input_ids"), Input("attention_mask"));
        var types = readsTypes ? Repeated(Input("token_type_ids")) : (Value?)null;
        (Ids, TextMask) = (Repeated(ids), Repeated(mask));
        Rows = Ids.Size(0);
        if (injection.InputPrompt is { } prompt)
        {
            PromptVectors = weights.Adapter("injection.prompt", () => prompt, prompt.shape, [null, "prompt", null]);
            PromptLength = PromptVectors.Value.Size(1);
        }
        Mask = PromptLength is { } before ? graph.Concat(1, Filled(before, 1), TextMask) : TextMask;
        AllTypes = types is { } given && PromptLength is { } untyped ? graph.Concat(1, Filled(untyped, 0), given) : types;
        Length = Mask.Size(1);
        var counted = Counted(Mask);
        (KeyMask, Positions) = (Mask, counted);
        KeyPositions = Positions;
        if (injection.Prefix?.Index().FirstOrDefault(p => p.Item is not null) is not (var layer, { } first)) return;
        PrefixLength = PrefixPart(layer, "keys", first.Keys).Size(2);
        Positions = counted + (injection.PositionOffset is { } offset ? PerRow(Constant("injection.offset", offset).Unsqueeze(1)) : PrefixLength.Value);
        var real = injection.PrefixMask is { } realOnes ? PerRow(Constant("injection.mask", realOnes)) : Filled(PrefixLength.Value, 1);
        KeyMask = graph.Concat(1, real, Mask);
        // Padding in a prefix takes no position.
        KeyPositions = graph.Concat(1, Counted(real), Positions);
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

    /// <summary>The input prompt, [1,I,E]; null: none.</summary>
    public Value? PromptVectors { get; }

    /// <summary>I, [1] int64; null without an input prompt.</summary>
    public Value? PromptLength { get; }

    /// <summary>P, [1] int64; null without a prefix.</summary>
    public Value? PrefixLength { get; }

    /// <summary>Gets the keys or values of a prefix, [1 or copies, Hkv, P, Dh].</summary>
    public Value PrefixPart(int layer, string name, Tensor part)
        => _weights.Adapter($"injection.prefix.{layer}.{name}", () => part, part.shape, [null, null, "prefix", null]);

    /// <summary>Returns an entry of the injection for each sequence, [R, ..] from [1 or copies, ..].</summary>
    public Value PerRow(Value entries)
    {
        var size = entries.To("Shape", new NodeAttribute("start", Integer: 1));
        if (_copies == 1) return entries.Expand(Graph.Concat(0, Rows, size));
        // Rows follow each other: those of the first text with all entries, then those of the second.
        var texts = Graph.Operation("Div", [Rows, Graph.Integers(_copies)]);
        return entries.Unsqueeze(0).Expand(Graph.Concat(0, texts, Graph.Integers(_copies), size)).Reshape(Graph.Concat(0, Rows, size));
    }

    /// <summary>Returns the position of each real entry of a mask: 0 for the first one.</summary>
    private Value Counted(Value mask) => (Graph.Operation("CumSum", [mask, Graph.Whole(1)]) - Graph.Whole(1)).AtLeast(Graph.Whole(0));

    private Value Filled(Value columns, long number) => Graph.Whole(number).Expand(Graph.Concat(0, Rows, columns));

    private Value Input(string name) => Graph.Input(name, ElementType.Int64, "batch", "length");

    private Value Repeated(Value input)
    {
        if (_copies == 1) return input;
        var shape = Graph.Concat(0, input.Size(0), Graph.Integers(_copies), input.Size(1));
        return input.Unsqueeze(1).Expand(shape).Reshape(Graph.Concat(0, Graph.Integers(-1), input.Size(1)));
    }

    private Value Constant(string name, Tensor values)
    {
        using var here = values.cpu().contiguous();
        return Graph.Constant(name, ElementType.Int64, here.shape, here.bytes.ToArray());
    }
}

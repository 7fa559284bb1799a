using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Onnx.Format;
using SkTuning.Onnx.Graphs;
using static TorchSharp.torch;

namespace SkTuning.Onnx.Layers;

/// <summary>A linear layer whose tensors are made when the file is written, so that changed weights are not all in memory.</summary>
/// <param name="Key">The name of its constants.</param>
/// <param name="Inputs">The number of input values.</param>
/// <param name="Outputs">The number of output values.</param>
/// <param name="Weight">Makes the weight [out,in].</param>
/// <param name="Bias">Makes the bias [out]; null: none.</param>
internal sealed record Linear(string Key, long Inputs, long Outputs, Func<Tensor> Weight, Func<Tensor>? Bias)
{
    /// <summary>A change that is applied beside the weight, because its tensors are inputs of the graph; null: none.</summary>
    public (string Key, LinearOverride Tensors)? Beside { get; init; }

    /// <summary>Returns linear layers with the same input as one, whose outputs follow each other.</summary>
    public static Linear Joined(string key, IReadOnlyList<Linear> parts)
    {
        return parts.Count == 1 ? parts[0] : new(key, parts[0].Inputs, parts.Sum(p => p.Outputs), () => cat([.. parts.Select(p => p.Weight().Exact())], 0),
            parts.All(p => p.Bias is null) ? null : () => cat([.. parts.Select(p => p.Bias?.Invoke().Exact() ?? zeros(p.Outputs))], 0));
    }
}

/// <summary>The constants of a graph: the frozen tensors, with the changes of an injection where they are folded in.</summary>
internal sealed class Weights
{
    private const long PieceSize = 1 << 24;

    private readonly GraphBuilder _graph;
    private readonly OnnxPrecision _precision;
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, Tensor> _replaced;
    private readonly Dictionary<string, Value[]> _quantized = new(StringComparer.Ordinal);

    /// <param name="graph">The graph.</param>
    /// <param name="model">The frozen model.</param>
    /// <param name="injection">What a method injects.</param>
    /// <param name="precision">The precision of the weights.</param>
    /// <param name="adapterAsInputs">The adapter's tensors are inputs of the graph, not constants.</param>
    public Weights(GraphBuilder graph, Transformer model, Injection injection, OnnxPrecision precision, bool adapterAsInputs)
    {
        (_graph, _precision, AdapterAsInputs) = (graph, precision, adapterAsInputs);
        _replaced = injection.Parameters ?? new Dictionary<string, Tensor>();
        // A linear has one name for its weight and its bias.
        foreach (var (name, value) in model.Tensors)
            if (!name.EndsWith(".weight", StringComparison.Ordinal) && !name.EndsWith(".bias", StringComparison.Ordinal))
                _tensors[name + (value.dim() == 1 ? ".bias" : ".weight")] = value;
        foreach (var (name, value) in model.Tensors) _tensors[name] = value;
        foreach (var (name, value) in model.Replaceable) _tensors[name] = value;
    }

    /// <summary>The adapter's tensors are inputs of the graph, not constants.</summary>
    public bool AdapterAsInputs { get; }

    /// <summary>The tensors that are inputs.</summary>
    public List<StoredTensor> AdapterInputs { get; } = [];

    /// <summary>Returns whether the model has a tensor.</summary>
    public bool Has(string name) => _tensors.ContainsKey(name);

    /// <summary>Returns a tensor of the model, or what the injection puts in its place.</summary>
    public Tensor this[string name] => _replaced.TryGetValue(name, out var other) ? other : _tensors.TryGetValue(name, out var own) ? own
        : throw new SkTuningException($"The weights '{name}' are quantized blocks, expected numbers: load the model with KeepQuantized = false to export it.");

    /// <summary>Returns a linear layer of the model.</summary>
    /// <param name="name">The name without ".weight".</param>
    /// <param name="inputs">The number of input values.</param>
    /// <param name="outputs">The number of output values.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="transposed">The weight is stored as [in,out].</param>
    public Linear Linear(string name, long inputs, long outputs, bool bias, bool transposed = false)
    {
        var weight = this[name + ".weight"];
        if (AdapterAsInputs && _replaced.ContainsKey(name + ".weight")) throw NotApart("whole weights");
        return new(name, inputs, outputs, () => transposed ? weight.t() : weight, bias ? () => this[name + ".bias"] : null);
    }

    /// <summary>Returns some outputs of a linear layer as a layer.</summary>
    public Linear Rows(Linear whole, string key, long[] rows) => IsApart(whole) ? throw NotApart("a fused linear as a whole") : new(
        key, whole.Inputs, rows.Length, () => whole.Weight().index_select(0, tensor(rows)),
        whole.Bias is null ? null : () => whole.Bias().index_select(0, tensor(rows)));

    /// <summary>
    /// Returns a linear layer with a change: folded in, where rows and columns are scaled and the low-rank addition is added, or beside it if the adapter's
    /// tensors are inputs.
    /// </summary>
    /// <param name="linear">The layer.</param>
    /// <param name="change">The change; null: none.</param>
    /// <param name="key">The name of the change.</param>
    public Linear Changed(Linear linear, LinearOverride? change, string key)
    {
        if (change is null) return linear;
        if (AdapterAsInputs) return linear with { Beside = (key, change) };
        return linear with
        {
            Key = key,
            Weight = () =>
            {
                var weight = linear.Weight().Exact();
                if (change.Down is not null) weight = weight.Plus(change.Up!.Exact().mm(change.Down.Exact()) * change.LowRankScale.Kept());
                if (change.InputScale is not null) weight = weight * change.InputScale.Exact();
                return change.OutputScale is null ? weight : weight * change.OutputScale.Exact().unsqueeze(1);
            },
            Bias = linear.Bias is null && change.Bias is null ? null : () =>
            {
                var bias = (linear.Bias?.Invoke() ?? zeros(linear.Outputs)).Exact();
                if (change.Bias is not null) bias = bias.Plus(change.Bias.Exact());
                return change.OutputScale is null ? bias : bias * change.OutputScale.Exact();
            },
        };
    }

    /// <summary>Applies a linear layer, [.., in] -> [.., out].</summary>
    /// <param name="linear">The layer.</param>
    /// <param name="x">Its input.</param>
    /// <param name="exact">The weight stays fp32.</param>
    public Value Apply(Linear linear, Value x, bool exact = false)
    {
        if (linear.Beside is not { } beside) return Plain(linear, x, exact);
        var (key, change) = beside;
        if (change.InputScale is { } input) x *= Adapter(key + ".in", () => input, linear.Inputs);
        var y = Plain(linear, x, exact);
        if (change.Down is { } down)
        {
            var low = x.Product(Adapter(key + ".down", () => down.t(), [linear.Inputs, down.shape[0]], [null, "rank"]));
            y += low.Product(Adapter(key + ".up", () => change.Up!.t() * change.LowRankScale.Kept(), [down.shape[0], linear.Outputs], ["rank", null]));
        }
        if (change.Bias is { } bias) y += Adapter(key + ".bias", () => bias, linear.Outputs);
        return change.OutputScale is { } output ? y * Adapter(key + ".out", () => output, linear.Outputs) : y;
    }

    private Value Plain(Linear linear, Value x, bool exact)
    {
        var product = _precision == OnnxPrecision.Int8 && !exact ? Quantized(linear, x)
            : x.Product(Matrix(linear.Key + ".weight", () => linear.Weight().t(), [linear.Inputs, linear.Outputs], exact));
        return linear.Bias is null ? product : product + Exact(linear.Key + ".bias", linear.Bias, linear.Outputs);
    }

    /// <summary>Looks up rows of a table, [..] -> [.., columns].</summary>
    public Value Lookup(string key, Func<Tensor> table, long rows, long columns, Value ids)
    {
        if (_precision != OnnxPrecision.Int8) return Matrix(key, table, [rows, columns], exact: false).Gather(ids);
        var values = Constant(key, ElementType.Int8, () => Rounded(table(), 1), rows, columns);
        return values.Gather(ids).Cast(ElementType.Float) * Exact(key + ".scale", () => Scales(table(), 1), rows, 1).Gather(ids);
    }

    /// <summary>Applies several linear layers to one input, in one product where that is possible.</summary>
    public Value[] ApplyAll(string key, Linear[] linears, Value x)
    {
        if (linears.Any(IsApart)) return [.. linears.Select(l => Apply(l, x))];
        var whole = Apply(Layers.Linear.Joined(key, linears), x);
        var sizes = _graph.Integers([.. linears.Select(l => l.Outputs)]);
        return _graph.Operations("Split", linears.Length, [whole, sizes], new NodeAttribute("axis", Integer: -1));
    }

    /// <summary>Returns whether tensors of the adapter that belong to a linear layer are inputs.</summary>
    public bool IsApart(Linear linear)
        => linear.Beside is not null || (AdapterAsInputs && (_replaced.ContainsKey(linear.Key + ".weight") || _replaced.ContainsKey(linear.Key + ".bias")));

    /// <summary>Gets fp32 values as a constant; those that the injection replaces belong to the adapter.</summary>
    public Value Exact(string key, Func<Tensor> make, params long[] shape)
        => _replaced.ContainsKey(key) ? Adapter(key, make, shape) : Constant(key, ElementType.Float, make, shape);

    /// <summary>Gets fp32 values of the adapter: a constant, or an input of the graph.</summary>
    public Value Adapter(string key, Func<Tensor> make, params long[] shape) => Adapter(key, make, shape, []);

    /// <summary>Gets fp32 values of the adapter: a constant, or an input of the graph.</summary>
    /// <param name="key">The name.</param>
    /// <param name="make">Makes the values.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="varying">The names of dimensions whose size may differ between adapters; null for the others.</param>
    public Value Adapter(string key, Func<Tensor> make, long[] shape, string?[] varying)
    {
        if (!AdapterAsInputs) return Constant(key, ElementType.Float, make, shape);
        if (AdapterInputs.All(t => t.Name != key))
        {
            AdapterInputs.Add(new(key, ElementType.Float, shape, stream => Write(key, ElementType.Float, make, shape, stream)));
            _graph.Input(key, ElementType.Float, [.. shape.Select((s, i) => varying.ElementAtOrDefault(i) ?? FormattableString.Invariant($"{s}"))]);
        }
        return new(_graph, key);
    }

    /// <summary>Gets fp32 values that exist already as a constant.</summary>
    public Value Exact(string key, Tensor values) => Exact(key, () => values, values.shape);

    /// <summary>Gets whole numbers as a constant.</summary>
    public Value Whole(string key, Func<Tensor> make, params long[] shape) => Constant(key, ElementType.Int64, make, shape);

    /// <summary>The error for an adapter whose tensors cannot be inputs.</summary>
    public static SkTuningException NotApart(string what)
        => new($"The adapter changes {what}, which cannot be an input of the graph: export it with AdapterAsInputs = false (without --shared).");

    private Value Matrix(string key, Func<Tensor> make, long[] shape, bool exact)
        => _precision == OnnxPrecision.Float16 && !exact ? Constant(key, ElementType.Float16, make, shape).Cast(ElementType.Float) : Exact(key, make, shape);

    /// <summary>The product with a weight of 8 bits: ONNX Runtime fuses these operations into one.</summary>
    private Value Quantized(Linear linear, Value x)
    {
        if (!_quantized.TryGetValue(x.Name, out var parts)) _quantized[x.Name] = parts = _graph.Operations("DynamicQuantizeLinear", 3, [x]);
        var (values, scale, zero) = (parts[0], parts[1], parts[2]);
        var weight = Constant(linear.Key + ".weight", ElementType.Int8, () => Rounded(linear.Weight().t(), 0), linear.Inputs, linear.Outputs);
        var scales = Exact(linear.Key + ".scale", () => Scales(linear.Weight().t(), 0).view(-1), linear.Outputs);
        return _graph.Operation("MatMulInteger", [values, weight, zero]).Cast(ElementType.Float) * (scale * scales);
    }

    private static Tensor Scales(Tensor matrix, int axis) => (matrix.Exact().abs().amax([axis], keepdim: true) / 127f.Kept()).clamp_min(1e-12f.Kept());

    private static Tensor Rounded(Tensor matrix, int axis) => (matrix.Exact() / Scales(matrix, axis)).round();

    private Value Constant(string key, ElementType type, Func<Tensor> make, params long[] shape)
        => _graph.Constant(new StoredTensor(key, type, shape, stream => Write(key, type, make, shape, stream)));

    private static void Write(string key, ElementType type, Func<Tensor> make, long[] shape, Stream stream)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var made = make().cpu().to_type(type switch
        {
            ElementType.Int8 => ScalarType.Int8,
            ElementType.Float16 => ScalarType.Float16,
            ElementType.Int64 => ScalarType.Int64,
            _ => ScalarType.Float32,
        }).contiguous();
        if (made.NumberOfElements != shape.Aggregate(1L, (a, b) => a * b))
            throw new InvalidOperationException($"{key} is [{string.Join(", ", made.shape)}], expected [{string.Join(", ", shape)}].");
        // The bytes of a tensor are one span, of at most 2 GB.
        var flat = made.view(-1);
        for (var from = 0L; from < flat.shape[0]; from += PieceSize) stream.Write(flat.narrow(0, from, Math.Min(PieceSize, flat.shape[0] - from)).bytes);
    }
}

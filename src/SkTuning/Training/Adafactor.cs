using SkTuning.Batches;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// Adafactor (arXiv 1804.04235) without momentum and with a given learning rate, as T-Few uses it. The mean squared gradient of a matrix is kept as the means
/// of its rows and columns: v ≈ r cᵀ / mean(r), with the decay 1 - t^-0.8. A step is g / √v, divided by its root mean square where that is above 1, times the
/// rate and the root mean square of the tensor itself, at least 0.001.
/// </summary>
internal sealed class Adafactor : Optimizer
{
    private const double DecayExponent = -0.8, SquareEpsilon = 1e-30, LeastScale = 1e-3, LongestStep = 1;

    private readonly IReadOnlyList<Part> _parts;
    private readonly double _weightDecay;
    private readonly Tensor _second;
    private Tensor? _gradient;

    /// <param name="parameters">The trained values.</param>
    /// <param name="weightDecay">The decoupled decay.</param>
    public Adafactor(ParameterSet parameters, double weightDecay) : base(parameters)
    {
        var (parts, offset, kept) = (new List<Part>(), 0L, 0L);
        foreach (var spec in parameters.Specs)
        {
            var part = new Part(spec.Shape, offset, kept);
            offset += spec.Count;
            if (spec.Group == ParameterGroup.Constant) continue;
            parts.Add(part);
            kept += part.Kept;
        }
        (_parts, _weightDecay) = (parts, weightDecay);
        using var off = no_grad();
        _second = zeros(kept, dtype: parameters.Values.dtype, device: parameters.Values.device).DetachFromDisposeScope();
    }

    /// <summary>For each tensor in turn its mean squared gradient: of a matrix the means of its rows and then of its columns.</summary>
    public override IReadOnlyList<(string Name, Tensor Value)> Moments => [("second", _second)];

    protected override void Remember(Tensor gradient)
    {
        _gradient = gradient;
        var decay = 1 - Math.Pow(Steps, DecayExponent);
        foreach (var part in _parts)
        {
            var squares = part.Of(gradient).Squared().Plus(SquareEpsilon.Kept());
            if (!part.IsMatrix) Blend(part.Whole(_second), squares);
            else
            {
                Blend(part.Rows(_second), squares.mean([-1L]));
                Blend(part.Columns(_second), squares.mean([-2L]));
            }
        }

        void Blend(Tensor moment, Tensor squares) => moment.mul_(decay.Kept()).add_(squares, alpha: (1 - decay).Kept());
    }

    protected override void Update(Tensor values, long from, long count, double rate)
    {
        foreach (var part in _parts.Where(p => p.Offset >= from && p.Offset < from + count))
        {
            var own = part.Of(values, from);
            var step = part.Of(_gradient!) * InverseRoot(part);
            step = step / (RootMeanSquare(step) / LongestStep.Kept()).clamp_min(1.Kept());
            var scale = RootMeanSquare(own).clamp_min(LeastScale.Kept()) * rate.Kept();
            if (_weightDecay > 0) own.sub_(own * (scale * _weightDecay.Kept()));
            own.sub_(step * scale);
        }
    }

    /// <summary>Returns 1 / √v, in the shape of the tensor.</summary>
    private Tensor InverseRoot(Part part)
    {
        if (!part.IsMatrix) return part.Whole(_second).rsqrt();
        var rows = part.Rows(_second);
        return (rows / rows.mean([-1L], keepdim: true)).rsqrt().unsqueeze(-1) * part.Columns(_second).rsqrt().unsqueeze(-2);
    }

    private static Tensor RootMeanSquare(Tensor x) => x.Squared().mean().sqrt();

    /// <summary>A tensor among the flat values, and the place of its mean squares among those of all tensors.</summary>
    private sealed record Part(long[] Shape, long Offset, long Start)
    {
        public bool IsMatrix => Shape.Length >= 2;

        private long Count { get; } = Shape.Aggregate(1L, (product, size) => product * size);

        private long RowCount => Count / Shape[^1];

        private long ColumnCount => Count / Shape[^2];

        public long Kept => IsMatrix ? RowCount + ColumnCount : Count;

        public Tensor Of(Tensor flat, long from = 0) => flat.narrow(0, Offset - from, Count).view(Shape);

        public Tensor Whole(Tensor kept) => kept.narrow(0, Start, Count).view(Shape);

        public Tensor Rows(Tensor kept) => kept.narrow(0, Start, RowCount).view(Shape[..^1]);

        public Tensor Columns(Tensor kept) => kept.narrow(0, Start + RowCount, ColumnCount).view([.. Shape[..^2], Shape[^1]]);
    }
}

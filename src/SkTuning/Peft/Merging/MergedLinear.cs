using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Peft.Merging;

/// <summary>
/// A linear layer of a checkpoint with everything that an adapter changes about it: y = (W(x·in) + scale·up(down(x·in)) + b + bias)·out is
/// again a linear layer, with the weight out·(W + scale·up·down)·in and the bias out·(b + bias). A fused layer is changed first as a whole and
/// then in its parts, as in the forward pass.
/// </summary>
internal sealed class MergedLinear(ModelConfig config, LinearSite whole)
{
    private readonly List<(LinearPart Part, LinearOverride Change)> _changes = [];

    /// <summary>The layer's name after the base prefix, without <c>.weight</c>.</summary>
    public string Module => whole.Module!;

    /// <summary>True if a bias is added, for which the checkpoint must have a tensor.</summary>
    public bool NeedsBias => _changes.Any(c => c.Change.Bias is not null);

    /// <summary>True if a bias changes, provided that there is one.</summary>
    public bool ChangesBias => NeedsBias || _changes.Any(c => c.Change.OutputScale is not null);

    public void Add(LinearPart part, LinearOverride change)
    {
        _changes.Add((part, change));
        _changes.Sort((a, b) => (a.Part != whole.Place.Part).CompareTo(b.Part != whole.Place.Part));
    }

    /// <summary>Changes a weight, in fp32 and in the checkpoint's layout, in place.</summary>
    public void Weight(Tensor stored)
    {
        var matrix = config.TransposedLinears ? stored.t() : stored;                                            // [out,in]
        foreach (var (part, change) in _changes)
        {
            var rows = Rows(matrix, part);                                                                      // [.., in]
            if (change.Down is { } down) rows.add_(F.linear(OnCpu(change.Up!), OnCpu(down).t()).reshape(rows.shape), alpha: change.LowRankScale.Kept());
            if (change.InputScale is { } input) rows.mul_(OnCpu(input));
            if (change.OutputScale is { } output) rows.mul_(OnCpu(output).reshape([.. rows.shape[..^1], 1]));
        }
    }

    /// <summary>Changes a bias [out] in fp32, in place.</summary>
    public void Bias(Tensor stored)
    {
        var column = stored.unsqueeze(-1);
        foreach (var (part, change) in _changes)
        {
            var rows = Rows(column, part);
            if (change.Bias is { } added) rows.Plus_(OnCpu(added).reshape(rows.shape));
            if (change.OutputScale is { } output) rows.mul_(OnCpu(output).reshape(rows.shape));
        }
    }

    /// <summary>Returns the rows of a matrix [out, n] that compute a part of the output, as a view in the part's own order: [.., n].</summary>
    private Tensor Rows(Tensor matrix, LinearPart part)
    {
        if (part == whole.Place.Part) return matrix;
        if (whole.Place.Part == LinearPart.GateUp) return matrix.narrow(0, part == LinearPart.Gate ? 0 : config.FeedForward.Size, config.FeedForward.Size);
        var a = config.Attention;
        long queries = (long)a.Heads * a.HeadSize, own = (long)a.KeyValueHeads * a.HeadSize;
        if (a.Fused == FusedLayout.Concatenated)
            return part switch
            {
                LinearPart.Query => matrix.narrow(0, 0, queries),
                LinearPart.Key => matrix.narrow(0, queries, own),
                _ => matrix.narrow(0, queries + own, own),
            };
        var share = a.Heads / a.KeyValueHeads;
        var groups = matrix.unflatten(0, a.KeyValueHeads, share + 2, a.HeadSize);                               // [Hkv, G+2, Dh, n]
        return part switch
        {
            LinearPart.Query => groups.narrow(1, 0, share),
            LinearPart.Key => groups.narrow(1, share, 1),
            _ => groups.narrow(1, share + 1, 1),
        };
    }

    private static Tensor OnCpu(Tensor value) => value.detach().to_type(ScalarType.Float32).cpu();
}

using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>Selects some positions of a sequence, chosen for each row.</summary>
internal static class ChosenPositions
{
    /// <summary>[1 or B, S, X] at positions [B,N]: [B,N,X].</summary>
    public static Tensor Gather(Tensor values, Tensor positions)
    {
        var (rows, n, width) = (positions.shape[0], positions.shape[1], values.shape[2]);
        return values.expand(rows, values.shape[1], width).gather(1, positions.unsqueeze(-1).expand(rows, n, width));
    }

    /// <summary>[1 or B, H, G·S, K], queries folded by group, at positions [B,N]: [B, H, G·N, K].</summary>
    public static Tensor GatherFolded(Tensor values, Tensor positions, long group)
    {
        var (rows, n, heads, k) = (positions.shape[0], positions.shape[1], values.shape[1], values.shape[3]);
        var length = values.shape[2] / group;
        var each = values.view(values.shape[0], heads * group, length, k).expand(rows, heads * group, length, k);
        return each.gather(2, positions.view(rows, 1, n, 1).expand(rows, heads * group, n, k)).view(rows, heads, group * n, k);
    }
}

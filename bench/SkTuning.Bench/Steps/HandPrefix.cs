using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Bench.Steps;

/// <summary>The SkPrefix adapter written by hand: maps the states of the prompt to the prefix of a layer.</summary>
internal static class HandPrefix
{
    /// <param name="shape">The sizes of the model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="read">The input [b,P,D] of the layer and its keys and values [b,Hkv,P,Dh], with b = 1 or B.</param>
    /// <param name="leaf">The trained tensors by name.</param>
    public static (Tensor Keys, Tensor Values) Of(StepShape shape, int layer, (Tensor States, Tensor Keys, Tensor Values) read, Func<string, Tensor> leaf)
    {
        var normed = F.layer_norm(read.States, [shape.Hidden], null, null, StepTask.NormEpsilon);
        var inner = F.gelu(F.linear(normed, leaf($"adapter.{layer}.down.weight"), leaf($"adapter.{layer}.down.bias")));
        var change = F.linear(inner, leaf($"adapter.{layer}.up.weight"), leaf($"adapter.{layer}.up.bias"))
            .view(read.States.shape[0], read.States.shape[1], 2, shape.KeyValueHeads, shape.HeadSize).permute(2, 0, 3, 1, 4);
        return (read.Keys.Plus(change[0]), read.Values.Plus(change[1]));
    }

    public static Tensor Loss(Tensor states, Tensor targets, Func<string, Tensor> leaf)
        => F.cross_entropy(F.linear(states.mean([1L]), leaf("head.weight"), leaf("head.bias")), targets);
}

using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Batches;

/// <summary>The states of a batch at a layer, from which a pass can start.</summary>
/// <param name="From">The layer and its input, [B,T,D].</param>
/// <param name="Ids">The token ids that the states belong to: a request with other ids cannot use them.</param>
internal sealed record CachedStates(LayerStates From, Tensor Ids);

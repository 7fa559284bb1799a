using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Models;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Pretraining;

/// <summary>
/// Scores the next token at each answer position with the word embeddings, [M,V]. It trains a copy of them, which takes the place of the frozen ones at the
/// input too.
/// </summary>
/// <param name="transformer">The model, whose LM head is the matrix of the word embeddings.</param>
internal sealed class NextTokenHead(Transformer transformer) : Head
{
    private readonly string _words = transformer.Names.Embedding + ".weight";

    public override IReadOnlyList<ParameterSpec> Parameters
        => [new(_words, [transformer.Config.Vocabulary, transformer.Config.Hidden],
            ParameterStarts.Copy(() => ((PlainMatrix)transformer.Embeddings.Words).Stored))];

    public override bool TrainsFeatures => true;

    public override Tensor Features(ForwardPass pass, TokenBatch batch)
    {
        var words = pass.Parameters[_words];
        var embedded = words.index_select(0, batch.Ids.flatten()).view(batch.Ids.shape[0], batch.Ids.shape[1], words.shape[1]);
        return pass.Run(batch, r => r with { InputEmbeddings = embedded }).Hidden.flatten(0, 1).index_select(0, batch.AnswerPositions!);
    }

    public override Tensor Readout(Tensor features, ParameterSet parameters) => F.linear(features, parameters[_words]);
}

using SkTuning.Batches;
using SkTuning.Data;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>Explanations: which words moved a prediction.</summary>
public sealed partial class TextClassifier
{
    /// <summary>Weighs the words of a text by how much each moved its prediction.</summary>
    /// <param name="text">The text.</param>
    /// <param name="label">The label to explain. The default is <see langword="null"/>: the predicted one.</param>
    /// <param name="kind">How words are weighted.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    /// <exception cref="SkTuningException">The label is not known, or the classifier reads pairs.</exception>
    public Explanation Explain(string text, string? label = null, ExplanationKind kind = ExplanationKind.Occlusion,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        using var call = BeginCall();
        if (ReadsPairs) throw new SkTuningException("The adapter reads pairs of texts, and only predictions for single texts can be explained.");
        var whole = Predict(text);
        label ??= whole.Label;
        var c = Labels.GetIndex(label);
        var words = WordCuts.Of(text, []);
        var weights = words.Count == 0 ? []
            : kind == ExplanationKind.Occlusion ? ByOcclusion(text, words, label, whole.Scores[label], cancellationToken)
            : ByGradient(text, words, c, whole.Scores);
        return new(label, whole.Scores[label], [.. words.Zip(weights, (w, weight) => new WordWeight(text[w.Start..w.End], w, weight))]);
    }

    private double[] ByOcclusion(string text, IReadOnlyList<TextSpan> words, string label, double probability, CancellationToken cancellationToken)
    {
        var without = Predict([.. words.Select(w => text.Remove(w.Start, w.End - w.Start))], cancellationToken);
        return [.. without.Select(p => Math.Log(probability) - Math.Log(p.Scores[label]))];
    }

    /// <summary>
    /// Each token's gradient times its embedding, summed over the tokens that touch a word. The scores of a row in several windows are the windows' mean:
    /// their gradients are computed one window after another.
    /// </summary>
    private double[] ByGradient(string text, IReadOnlyList<TextSpan> words, int label, IReadOnlyDictionary<string, double> probabilities)
    {
        var sums = new double[words.Count];
        var sequences = Adapter.Encoder.Encode(text).Sequences;
        // The gradient of the label's log-probability to the scores: 1 at the label less the probabilities, divided by the temperature.
        var slope = Labels.Select((name, l) => (float)(((l == label ? 1 : 0) - probabilities[name]) / (Decision.Temperature * sequences.Count))).ToArray();
        var device = Adapter.Model.Device;
        foreach (var sequence in sequences)
        {
            using var scope = NewDisposeScope();
            using var batch = TokenBatch.Of([sequence], device);
            var embeddings = Adapter.Model.Transformer.Embeddings.Word(batch.Ids).detach().requires_grad_(true);
            Adapter.Tuned.BakedFrom(batch, embeddings).backward([tensor(slope, device: device).unsqueeze(0)]);
            BackwardFailure.Throw();
            using var off = no_grad();
            var weights = (embeddings.grad! * embeddings).sum(-1).flatten().cpu().data<float>().ToArray();
            foreach (var (t, span) in Adapter.Encoder.Offsets(text, sequence).Index())
                for (var w = 0; w < words.Count; w++)
                    if (span.Start < words[w].End && span.End > words[w].Start) sums[w] += weights[t];
        }
        return sums;
    }
}

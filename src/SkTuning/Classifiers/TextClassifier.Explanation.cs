using SkTuning.Batches;
using SkTuning.Data;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning;

public sealed partial class TextClassifier
{
    /// <summary>Tells which words of a text moved its prediction.</summary>
    /// <param name="text">The text.</param>
    /// <param name="label">The label to explain; null: the predicted one.</param>
    /// <param name="kind">How words are weighed.</param>
    /// <param name="cancel">Stops between batches.</param>
    /// <exception cref="SkTuningException">The label is not known, or the classifier reads pairs.</exception>
    public Explanation Explain(string text, string? label = null, ExplanationKind kind = ExplanationKind.Occlusion, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (ReadsPairs) throw new SkTuningException("The adapter reads pairs of texts: only single texts are explained.");
        var whole = Predict(text);
        label ??= whole.Label;
        var c = Labels.IndexOf(label);
        var words = WordCuts.Of(text, []);
        var weights = words.Count == 0 ? [] : kind == ExplanationKind.Occlusion ? Occluded(text, words, label, whole.Scores[label], cancel) : Sloped(text, words, c, whole.Scores);
        return new(label, whole.Scores[label], [.. words.Zip(weights, (w, weight) => new WordWeight(text[w.Start..w.End], w, weight))]);
    }

    private double[] Occluded(string text, IReadOnlyList<TextSpan> words, string label, double probability, CancellationToken cancel)
    {
        var without = Predict([.. words.Select(w => text.Remove(w.Start, w.End - w.Start))], cancel);
        return [.. without.Select(p => Math.Log(probability) - Math.Log(p.Scores[label]))];
    }

    /// <summary>Each token's gradient times embedding, added up over the tokens that touch a word. A row in several windows has their mean as its scores: their gradients are taken one after another.</summary>
    private double[] Sloped(string text, IReadOnlyList<TextSpan> words, int label, IReadOnlyDictionary<string, double> probabilities)
    {
        var sums = new double[words.Count];
        var sequences = Runtime.Encoder.Encode(text).Sequences;
        // Of the label's log-probability to the scores: 1 at the label less the probabilities, by the temperature.
        var slope = Labels.Select((name, l) => (float)(((l == label ? 1 : 0) - probabilities[name]) / (Temperature * sequences.Count))).ToArray();
        foreach (var sequence in sequences)
        {
            using var scope = NewDisposeScope();
            using var batch = TokenBatch.Of([sequence], Runtime.Model.Device);
            var embeddings = Runtime.Model.Transformer.Embeddings.Word(batch.Ids).detach().requires_grad_(true);
            Runtime.Tuned.BakedFrom(batch, embeddings).backward([tensor(slope, device: Runtime.Model.Device).unsqueeze(0)]);
            BackwardFailure.Throw();
            using var off = no_grad();
            var weights = (embeddings.grad! * embeddings).sum(-1).flatten().cpu().data<float>().ToArray();
            foreach (var (t, span) in Runtime.Encoder.Offsets(text, sequence).Index())
                for (var w = 0; w < words.Count; w++)
                    if (span.Start < words[w].End && span.End > words[w].Start) sums[w] += weights[t];
        }
        return sums;
    }
}

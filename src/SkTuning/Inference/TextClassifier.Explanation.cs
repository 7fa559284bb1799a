using SkTuning.Data;
using SkTuning.Native;
using SkTuning.Tokenizers;
using static TorchSharp.torch;

namespace SkTuning.Inference;

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
        var weights = words.Count == 0 ? [] : kind == ExplanationKind.Occlusion ? Occluded(text, words, label, whole.Scores[label], cancel) : Sloped(text, words, c);
        return new(label, whole.Scores[label], [.. words.Zip(weights, (w, weight) => new WordWeight(text[w.Start..w.End], w, weight))]);
    }

    private double[] Occluded(string text, IReadOnlyList<TextSpan> words, string label, double probability, CancellationToken cancel)
    {
        var without = Predict([.. words.Select(w => text.Remove(w.Start, w.End - w.Start))], cancel);
        return [.. without.Select(p => Math.Log(probability) - Math.Log(p.Scores[label]))];
    }

    /// <summary>Each token's gradient times embedding, added up over the tokens that touch a word.</summary>
    private double[] Sloped(string text, IReadOnlyList<TextSpan> words, int label)
    {
        var row = Runtime.Encoder.Encode(text);
        TextSpan[] spans = [.. row.Sequences.SelectMany(s => Runtime.Encoder.Offsets(text, s))];                 // all are of one length
        using var scope = NewDisposeScope();
        using var batch = TokenBatch.Of([row], Runtime.Model.Device);
        var embeddings = Runtime.Model.Transformer.Embeddings.Word(batch.Ids).detach().requires_grad_(true);
        var scores = Runtime.Tuned.BakedFrom(batch, embeddings);
        (scores / Temperature.Kept()).log_softmax(-1)[0, label].backward();
        using var off = no_grad();
        var weights = (embeddings.grad! * embeddings).sum(-1).flatten().cpu().data<float>().ToArray();
        return [.. words.Select(w => spans.Index().Where(s => s.Item.Start < w.End && s.Item.End > w.Start).Sum(s => (double)weights[s.Index]))];
    }
}

using SkTuning.Batches;
using SkTuning.Data;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>Explanations: which words moved a prediction.</summary>
public sealed partial class TextClassifier
{
    private const int TextsAtOnce = 256;

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
        // A word that the model does not read has no weight. Only a few texts without a word are in memory: all of them have the square of the text's length.
        var end = Adapter.Encoder.ReadEnd(text);
        TextSpan[] read = [.. words.TakeWhile(w => w.Start < end)];
        var weights = new double[words.Count];
        foreach (var (first, part) in read.Chunk(TextsAtOnce).Index())
        {
            var without = Predict([.. part.Select(w => text.Remove(w.Start, w.End - w.Start))], cancellationToken);
            foreach (var (w, prediction) in without.Index())
            {
                if (prediction.Error is { } error) throw new SkTuningException($"The text cannot be explained without one of its words. {error}");
                weights[first * TextsAtOnce + w] = Log(probability) - Log(prediction.Scores[label]);
            }
        }
        return weights;

        // A probability of 0 is one that fp32 cannot hold: its logarithm is at most that of the smallest number.
        static double Log(double p) => Math.Log(Math.Max(p, float.Epsilon));
    }

    /// <summary>
    /// Each token's gradient times its embedding, summed over the tokens that touch a word. The scores of a row in several windows are the windows' mean:
    /// their gradients are computed one window after another.
    /// </summary>
    private double[] ByGradient(string text, IReadOnlyList<TextSpan> words, int label, IReadOnlyDictionary<string, double> probabilities)
    {
        if (Adapter.Tuned.Method.ReadsText)
            throw new SkTuningException($"The method {Method} chooses its keys and values by the tokens of the text, which have no gradient: use "
                + $"{nameof(ExplanationKind)}.{nameof(ExplanationKind.Occlusion)}.");
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
            if (!Finite.All(weights)) throw new SkTuningException($"The gradients are not finite: {Finite.Reason(Adapter.Model.Transformer.ComputesInHalf)}");
            foreach (var (t, span) in Adapter.Encoder.Offsets(text, sequence).Index())
                for (var w = FirstEndingAfter(words, span.Start); w < words.Count && words[w].Start < span.End; w++) sums[w] += weights[t];
        }
        return sums;
    }

    /// <summary>Returns the index of the first word, in ascending order, that ends after a position.</summary>
    private static int FirstEndingAfter(IReadOnlyList<TextSpan> words, int position)
    {
        var (low, high) = (0, words.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (words[middle].End > position) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}

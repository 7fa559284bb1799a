using System.Runtime.CompilerServices;
using SkTuning.Adapters;
using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning;

public sealed partial class TextClassifier
{
    private const int StreamRows = 256;

    /// <summary>The label of one text. An empty text has a prediction too; a text longer than the model reads is cut as <see cref="AdapterOptions.Truncation"/> said, and says so where something is lost.</summary>
    public Prediction Predict(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Predict([text])[0];
    }

    /// <summary>The label of a pair of texts, for a classifier that was trained on pairs.</summary>
    public Prediction PredictPair(string text, string text2)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(text2);
        var prediction = PredictPairs([(text, text2)])[0];
        return prediction.Error is null ? prediction : throw new SkTuningException(prediction.Error);
    }

    /// <summary>The labels of many texts, in their order. A text that cannot be read gets a <see cref="Prediction.Error"/> and spoils no other.</summary>
    public IReadOnlyList<Prediction> Predict(IReadOnlyList<string> texts, CancellationToken cancel = default) => PredictPairs([.. texts.Select(t => (t, (string?)null))], cancel);

    /// <summary>The labels of many texts or pairs of texts, in their order. One that cannot be read gets a <see cref="Prediction.Error"/> and spoils no other.</summary>
    public IReadOnlyList<Prediction> PredictPairs(IReadOnlyList<(string Text, string? Text2)> texts, CancellationToken cancel = default)
    {
        var (encoded, errors) = EncodedTexts.Of(Runtime, texts);
        var predictions = new Prediction[texts.Count];
        foreach (var (i, error) in errors) predictions[i] = Prediction.Failed(error);
        if (encoded.Count == 0) return predictions;
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var scores = (Runtime.Outputs([.. encoded.Select(e => e.Row)], cancel) / Temperature.Kept()).softmax(-1).data<float>().ToArray();
        for (var e = 0; e < encoded.Count; e++) predictions[encoded[e].Index] = Of(scores.AsSpan(e * Labels.Count, Labels.Count), encoded[e].Row.WasCut);
        return predictions;
    }

    /// <summary>The labels of a stream of texts, in their order, read ahead in small batches.</summary>
    public async IAsyncEnumerable<Prediction> PredictAsync(IAsyncEnumerable<string> texts, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var waiting = new List<string>(StreamRows);
        await foreach (var text in texts.WithCancellation(cancel).ConfigureAwait(false))
        {
            waiting.Add(text);
            if (waiting.Count < StreamRows) continue;
            foreach (var prediction in Predict(waiting, cancel)) yield return prediction;
            waiting.Clear();
        }
        if (waiting.Count == 0) yield break;
        foreach (var prediction in Predict(waiting, cancel)) yield return prediction;
    }

    /// <summary>Measures the classifier on labelled rows. A label that it does not know is refused by name.</summary>
    public ClassificationReport Evaluate(IReadOnlyList<Row> rows, CancellationToken cancel = default)
    {
        if (rows.Count == 0) throw new SkTuningException("There are no rows to evaluate.");
        var truth = Labels.IndicesOf(rows, "the rows to evaluate");
        return ClassificationReport.Of(Labels, truth, [.. PredictPairs([.. rows.Select(r => (r.Text, r.Text2))], cancel).Select((p, i) => p.Error is null ? Labels.Find(p.Label) : throw new SkTuningException($"Row {i + 1}: {p.Error}"))]);
    }

    private Prediction Of(ReadOnlySpan<float> scores, bool wasCut)
    {
        var best = 0;
        var all = new OrderedDictionary<string, double>(scores.Length);
        for (var c = 0; c < scores.Length; c++)
        {
            all[Labels[c]] = scores[c];
            if (scores[c] > scores[best]) best = c;
        }
        return new() { Label = Labels[best], Confidence = scores[best], Scores = all, IsSure = scores[best] >= SureFrom, WasCut = wasCut };
    }
}

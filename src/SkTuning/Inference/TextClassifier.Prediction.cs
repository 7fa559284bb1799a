using System.Runtime.CompilerServices;
using SkTuning.Data;
using SkTuning.Evaluation;
using static TorchSharp.torch;

namespace SkTuning.Inference;

public sealed partial class TextClassifier
{
    private const int MostRows = 64, MostTokens = 8192, StreamRows = 256;

    /// <summary>The label of one text. An empty text has a prediction too; a text longer than the model reads loses its end and says so.</summary>
    public Prediction Predict(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Predict([text])[0];
    }

    /// <summary>The labels of many texts, in their order. A text that cannot be read gets a <see cref="Prediction.Error"/> and spoils no other.</summary>
    public IReadOnlyList<Prediction> Predict(IReadOnlyList<string> texts, CancellationToken cancel = default)
    {
        var predictions = new Prediction[texts.Count];
        var encoded = new (int[] Ids, bool WasCut)[texts.Count];
        var good = new List<int>();
        for (var i = 0; i < texts.Count; i++)
        {
            if (texts[i] is null) { predictions[i] = Prediction.Failed("The text is null, expected a text."); continue; }
            try
            {
                encoded[i] = _encoder.Encode(texts[i]);
                good.Add(i);
            }
            catch (SkTuningException e) { predictions[i] = Prediction.Failed(e.Message); }
        }
        foreach (var chosen in LengthBuckets.ByLength([.. good.Select(i => encoded[i].Ids.Length)], MostRows, MostTokens))
        {
            cancel.ThrowIfCancellationRequested();
            int[] rows = [.. chosen.Select(c => good[c])];
            var scores = Scores([.. rows.Select(i => encoded[i].Ids)]);
            for (var r = 0; r < rows.Length; r++) predictions[rows[r]] = Of(scores.AsSpan(r * Labels.Count, Labels.Count), encoded[rows[r]].WasCut);
        }
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
        return ClassificationReport.Of(Labels, truth, [.. Predict([.. rows.Select(r => r.Text)], cancel).Select(p => Labels.Find(p.Label))]);
    }

    /// <summary>Probabilities [B,C], row by row.</summary>
    private float[] Scores(int[][] ids)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var batch = TokenBatch.Of(ids, _model.Device);
        return _tuned.Baked(batch).softmax(-1).cpu().data<float>().ToArray();
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
        return new() { Label = Labels[best], Confidence = scores[best], Scores = all, WasCut = wasCut };
    }
}

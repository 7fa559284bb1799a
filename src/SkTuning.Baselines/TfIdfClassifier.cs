using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms.Text;

namespace SkTuning.Baselines;

/// <summary>
/// A baseline without a language model: logistic regression over words and pairs of words, weighted by TF-IDF. Other classifiers should beat it. Based on
/// ML.NET, with settings chosen on sst2, trec6, subj and banking77 (2,000 rows each).
/// </summary>
/// <remarks>
/// A word is a sequence of letters and digits, a punctuation mark, or a Chinese or Japanese character. Case is ignored. The weight of each word or pair of
/// words in a text is ln(rows / rows that contain it), and the weights of a text are scaled to length 1. The multinomial regression is fitted by L-BFGS with
/// an L2 penalty of 0.1 on one thread, so that the same rows result in the same classifier. The words of the second text of a pair are distinct features.
/// </remarks>
public sealed class TfIdfClassifier
{
    private const float Penalty = 0.1f;          // results with 0.02 to 0.2 differ by less than a standard error; 1 is worse by 3 to 8 points
    private const int MaxGrams = 200_000;        // per length, in order of occurrence; limits the memory

    private readonly MLContext _context;
    private readonly ITransformer _model;

    private TfIdfClassifier(MLContext context, ITransformer model, LabelSet labels, int features)
        => (_context, _model, Labels, Parameters) = (context, model, labels, (long)(features + 1) * labels.Count);

    /// <summary>Trains a classifier. Takes less than a second for 2,000 rows with a few labels, and half a minute for 10,000 rows with 77 labels.</summary>
    /// <param name="rows">The training rows, with at least two different labels.</param>
    /// <param name="seed">The seed for ML.NET, which does not use random numbers with these settings.</param>
    /// <param name="cancellationToken">A token that is checked before training, which cannot be interrupted.</param>
    /// <returns>The trained classifier.</returns>
    /// <exception cref="SkTuningException">There are fewer than two labels, or no text contains a word.</exception>
    public static TfIdfClassifier Train(IReadOnlyList<Row> rows, int seed = 1, CancellationToken cancellationToken = default)
    {
        var labels = LabelSet.Of(rows);
        if (labels.Count < 2)
            throw new SkTuningException($"TF-IDF: the number of labels is {labels.Count}, expected at least 2 (training rows: {rows.Count}).");
        var examples = rows.Zip(labels.IndicesOf(rows, "TF-IDF"), (r, label) => new Example { Words = Words.Of(r), Label = (uint)label }).ToArray();
        if (examples.All(e => e.Words.Length == 0)) throw new SkTuningException("TF-IDF: all texts are empty, expected at least one word.");
        cancellationToken.ThrowIfCancellationRequested();

        var context = new MLContext(seed);
        var schema = SchemaDefinition.Create(typeof(Example));
        schema[nameof(Example.Label)].ColumnType = new KeyDataViewType(typeof(uint), labels.Count);
        var model = Features(context)
            .AppendCacheCheckpoint(context)
            .Append(context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options
            {
                L1Regularization = 0,
                L2Regularization = Penalty,
                NumberOfThreads = 1,
            }))
            .Fit(context.Data.LoadFromEnumerable(examples, schema));
        VBuffer<float>[]? weights = null;
        model.LastTransformer.Model.GetWeights(ref weights, out _);
        return new(context, model, labels, weights[0].Length);
    }

    /// <summary>Gets the labels, in the order of the scores of predictions.</summary>
    public LabelSet Labels { get; }

    /// <summary>Gets the number of weights of the regression.</summary>
    public long Parameters { get; }

    /// <summary>Predicts the labels of texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <returns>One prediction per text, in the same order.</returns>
    public IReadOnlyList<TfIdfPrediction> Predict(IEnumerable<string> texts) => Predict(texts.Select(t => new Row(t, "")));

    /// <summary>Predicts the labels of rows.</summary>
    /// <param name="rows">The rows, whose own labels are ignored.</param>
    /// <returns>One prediction per row, in the same order.</returns>
    public IReadOnlyList<TfIdfPrediction> Predict(IEnumerable<Row> rows)
    {
        var examples = rows.Select(r => new Example { Words = Words.Of(r) }).ToArray();
        if (examples.Length == 0) return [];
        var scored = _model.Transform(_context.Data.LoadFromEnumerable(examples));
        return scored.GetColumn<float[]>("Score").Select(Prediction).ToArray();
    }

    private static IEstimator<ITransformer> Features(MLContext context)
        => context.Transforms.Text.FeaturizeText("Features", new TextFeaturizingEstimator.Options
        {
            CaseMode = TextNormalizingEstimator.CaseMode.Lower,
            KeepDiacritics = true,
            KeepPunctuations = true,
            CharFeatureExtractor = null,
            WordFeatureExtractor = new WordBagEstimator.Options
            {
                NgramLength = 2,
                UseAllLengths = true,
                MaximumNgramsCount = [MaxGrams, MaxGrams],
                Weighting = NgramExtractingEstimator.WeightingCriteria.Idf,
            },
            Norm = TextFeaturizingEstimator.NormFunction.L2,
        }, nameof(Example.Words));

    private TfIdfPrediction Prediction(float[] scores)
    {
        var best = 0;
        for (var c = 1; c < scores.Length; c++) if (scores[c] > scores[best]) best = c;
        if (!float.IsFinite(scores.Sum())) throw new SkTuningException("TF-IDF: the scores of a text are not finite numbers.");
        return new(Labels[best], scores[best], Array.ConvertAll(scores, s => (double)s));
    }

    private sealed class Example
    {
        public string Words { get; set; } = "";

        public uint Label { get; set; }
    }
}

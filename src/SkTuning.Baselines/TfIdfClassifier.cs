using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms.Text;

namespace SkTuning.Baselines;

/// <summary>
/// Words and pairs of words, weighted by how rare they are, and logistic regression over them: what a text classifier without a language model can do, and
/// the figure any other has to beat. ML.NET does the counting and the fitting; the settings were chosen on sst2, trec6, subj and banking77 (2,000 rows each).
/// </summary>
/// <remarks>
/// A word is a run of letters and digits, a single punctuation mark, or one character of Chinese or Japanese; case is ignored. A text's weights are
/// ln(rows / rows with it) for each word or pair in it, scaled to length 1. The regression is multinomial, fitted by L-BFGS with an L2 penalty of 0.1, on one
/// thread: the same rows give the same classifier. The second text of a pair has words of its own.
/// </remarks>
public sealed class TfIdfClassifier
{
    private const float Penalty = 0.1f;          // 0.02 to 0.2 differ by less than a standard error; 1 costs 3 to 8 points
    private const int MostGrams = 200_000;       // of each length, the first seen: bounds the memory

    private readonly MLContext _context;
    private readonly ITransformer _model;

    private TfIdfClassifier(MLContext context, ITransformer model, LabelSet labels, int features)
        => (_context, _model, Labels, Parameters) = (context, model, labels, (long)(features + 1) * labels.Count);

    /// <summary>Fits a classifier to rows: under a second for 2,000 rows and a few labels, half a minute for 10,000 rows of 77 labels.</summary>
    /// <param name="rows">Rows of at least two labels.</param>
    /// <param name="seed">Handed to ML.NET, whose fit with these settings draws no random numbers.</param>
    /// <param name="cancellation">Looked at before the fit, which cannot be interrupted.</param>
    /// <exception cref="SkTuningException">Fewer than two labels, or no text with a word in it.</exception>
    public static TfIdfClassifier Train(IReadOnlyList<Row> rows, int seed = 1, CancellationToken cancellation = default)
    {
        var labels = LabelSet.Of(rows);
        if (labels.Count < 2) throw new SkTuningException($"TF-IDF: {rows.Count} rows with {labels.Count} labels, expected at least 2 labels.");
        var examples = rows.Zip(labels.IndicesOf(rows, "TF-IDF"), (r, label) => new Example { Words = Words.Of(r), Label = (uint)label }).ToArray();
        if (examples.All(e => e.Words.Length == 0)) throw new SkTuningException("TF-IDF: every text is empty, expected words to count.");
        cancellation.ThrowIfCancellationRequested();

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

    /// <summary>The labels, in the order of every prediction's scores.</summary>
    public LabelSet Labels { get; }

    /// <summary>Weights of the regression.</summary>
    public long Parameters { get; }

    /// <summary>The labels of texts, with probabilities; one for each text, in their order.</summary>
    public IReadOnlyList<TfIdfPrediction> Predict(IEnumerable<string> texts) => Predict(texts.Select(t => new Row(t, "")));

    /// <summary>The labels of rows (whose own labels are not looked at).</summary>
    public IReadOnlyList<TfIdfPrediction> Predict(IEnumerable<Row> rows)
    {
        var examples = rows.Select(r => new Example { Words = Words.Of(r) }).ToArray();
        if (examples.Length == 0) return [];
        var scored = _model.Transform(_context.Data.LoadFromEnumerable(examples));
        return scored.GetColumn<float[]>("Score").Select(Prediction).ToArray();
    }

    private static IEstimator<ITransformer> Features(MLContext context) => context.Transforms.Text.FeaturizeText("Features", new TextFeaturizingEstimator.Options
    {
        CaseMode = TextNormalizingEstimator.CaseMode.Lower,
        KeepDiacritics = true,
        KeepPunctuations = true,
        CharFeatureExtractor = null,
        WordFeatureExtractor = new WordBagEstimator.Options
        {
            NgramLength = 2,
            UseAllLengths = true,
            MaximumNgramsCount = [MostGrams, MostGrams],
            Weighting = NgramExtractingEstimator.WeightingCriteria.Idf,
        },
        Norm = TextFeaturizingEstimator.NormFunction.L2,
    }, nameof(Example.Words));

    private TfIdfPrediction Prediction(float[] scores)
    {
        var best = 0;
        for (var c = 1; c < scores.Length; c++) if (scores[c] > scores[best]) best = c;
        return new(Labels[best], scores[best], Array.ConvertAll(scores, s => (double)s));
    }

    private sealed class Example
    {
        public string Words { get; set; } = "";

        public uint Label { get; set; }
    }
}

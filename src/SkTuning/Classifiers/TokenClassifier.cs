using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Prompts;
using SkTuning.Tasks;
using SkTuning.Tokenizers.Chat;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>What a <see cref="TokenClassifier"/> is trained to do, and how. Its pooling has no use: every word answers for itself.</summary>
public sealed record TokenClassifierOptions : AdapterOptions
{
    /// <summary>Rows that choose the best epoch; null: a part of the training rows is held out.</summary>
    public IReadOnlyList<TokenRow>? Dev { get; init; }
}

/// <summary>
/// Tells a tag for each word: named entities, parts of speech. A word answers at its first token. Tags such as B-PER and I-PER mark entities, which come out as spans.
/// </summary>
public sealed class TokenClassifier : TunedAdapter
{
    internal TokenClassifier(AdapterRuntime runtime) : base(runtime) { }

    /// <summary>The tags, in the order of their scores.</summary>
    public LabelSet Tags => Runtime.Labels;

    /// <summary>True when the tags mark entities: each is O, or begins with the place in one (B-, I-, E-, S-).</summary>
    public bool MarksEntities => EntityTags.MarksEntities(Tags);

    /// <summary>Trains a classifier on rows; the model stays as it is.</summary>
    /// <param name="model">The frozen base, which must outlive the classifier.</param>
    /// <param name="rows">Words with their tags.</param>
    /// <param name="options">The task's description, and how to train.</param>
    /// <param name="progress">Told after every step, on the training thread.</param>
    /// <param name="cancel">Stops behind the current step with <see cref="TrainingCanceledException"/>, which holds what was trained.</param>
    /// <exception cref="SkTuningException">An option, a row or a tag cannot be used; the message names it.</exception>
    public static TokenClassifier Train(FrozenModel model, IEnumerable<TokenRow> rows, TokenClassifierOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
    {
        if (options.Template != RowTemplate.Plain) throw new SkTuningException($"The row template is '{options.Template}', expected '{RowTemplate.Plain}': words are tagged as they are.");
        var (train, dev, heldOut) = TaskTraining.Split(rows, options.Dev, options.Training);
        var tags = new LabelSet(train.SelectMany(r => r.Tags));
        if (tags.Count < 2) throw new SkTuningException($"The training rows have {(tags.Count == 0 ? "no tag" : $"one tag only, '{tags[0]}'")}, expected two or more.");
        var classifier = new TokenClassifier(new(model, NewDefinition.Of(model, options, TokenObjective.Name, tags)));
        return TaskTraining.Run(classifier, () => new(Answering(classifier.Encoded(train, "the training rows")), Answering(classifier.Encoded(dev, "the dev rows")), heldOut),
            new TokenObjective(tags, options.Training.LabelSmoothing), options.Training, progress, cancel);
    }

    /// <summary><see cref="Train"/> on a thread of its own.</summary>
    /// <inheritdoc cref="Train"/>
    public static Task<TokenClassifier> TrainAsync(FrozenModel model, IEnumerable<TokenRow> rows, TokenClassifierOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
        => TaskTraining.OnItsOwnThread(() => Train(model, rows, options, progress, cancel));

    /// <summary>Loads an adapter onto the base that it was trained on.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="model">The base.</param>
    /// <exception cref="SkTuningException">The base is another one, the prompt was edited, the task is another, or a file is damaged; the message says which.</exception>
    public static TokenClassifier Load(string folder, FrozenModel model) => new(AdapterRuntime.Load(folder, model, TokenObjective.Name));

    /// <summary>The tags of a text's words, and its entities.</summary>
    /// <exception cref="SkTuningException">The text has no word.</exception>
    public TokenPrediction Predict(string text) => Predict([TokenRow.FromText(text)])[0];

    /// <summary>The tags of words.</summary>
    /// <exception cref="SkTuningException">There are no words.</exception>
    public TokenPrediction PredictWords(IReadOnlyList<string> words) => Predict([new TokenRow(words, [])])[0];

    /// <summary>The tags of many rows, in their order; tags that they have are not looked at.</summary>
    public IReadOnlyList<TokenPrediction> Predict(IReadOnlyList<TokenRow> rows, CancellationToken cancel = default)
    {
        var encoded = rows.Select((r, i) => (Index: i, Row: Runtime.Encoder.EncodeWords(r.Words, out var kept), Kept: kept)).ToList();
        var tagged = rows.Select(r => (Tags: Enumerable.Repeat(Outside, r.Words.Count).ToArray(), Confidences: new double[r.Words.Count])).ToList();
        var read = encoded.Where(e => e.Kept.Length > 0).ToList();
        if (read.Count > 0)
        {
            using var scope = NewDisposeScope();
            using var off = no_grad();
            var scores = Runtime.Outputs([.. read.Select(e => e.Row)], cancel).softmax(-1).data<float>().ToArray();
            var at = 0;
            foreach (var (i, _, kept) in read)
                foreach (var word in kept)
                {
                    var own = scores.AsSpan(at++ * Tags.Count, Tags.Count);
                    var best = 0;
                    for (var c = 1; c < own.Length; c++) if (own[c] > own[best]) best = c;
                    (tagged[i].Tags[word], tagged[i].Confidences[word]) = (Tags[best], own[best]);
                }
        }
        return [.. encoded.Select(e => new TokenPrediction { Row = rows[e.Index], Tags = tagged[e.Index].Tags, Confidences = tagged[e.Index].Confidences, WasCut = e.Row.WasCut })];
    }

    /// <summary>Measures whole entities as the CoNLL script does. Words that were not read count as outside of any.</summary>
    /// <exception cref="SkTuningException">There are no rows, or tags mark no entities.</exception>
    public EntityReport Evaluate(IReadOnlyList<TokenRow> rows, CancellationToken cancel = default)
        => EntityMetrics.Conll([.. Tagged(rows).Select(r => r.Tags.ToArray())], [.. Predict(rows, cancel).Select(p => p.Tags.ToArray())]);

    /// <summary>The part of the words whose tag is right.</summary>
    public double Accuracy(IReadOnlyList<TokenRow> rows, CancellationToken cancel = default)
        => EntityMetrics.TokenAccuracy([.. Tagged(rows).Select(r => r.Tags.ToArray())], [.. Predict(rows, cancel).Select(p => p.Tags.ToArray())]);

    private string Outside => Tags.Find("O") >= 0 ? "O" : Tags[0];

    private static IReadOnlyList<TokenRow> Tagged(IReadOnlyList<TokenRow> rows)
    {
        if (rows.Count == 0) throw new SkTuningException("There are no rows to evaluate.");
        return rows.Index().FirstOrDefault(r => r.Item.Tags.Count == 0) is { Item: not null } bare ? throw new SkTuningException($"Row {bare.Index + 1} has no tags, expected one for each word.") : rows;
    }

    private static IReadOnlyList<EncodedRow> Answering(IEnumerable<EncodedRow> rows)
        => rows.Where(r => r.Places!.Length > 0).ToList() is { Count: > 0 } kept ? kept : throw new SkTuningException("No row has a word that the model reads: raise MaxTokens.");

    private IEnumerable<EncodedRow> Encoded(IReadOnlyList<TokenRow> rows, string where)
    {
        foreach (var (i, row) in rows.Index())
        {
            if (row.Tags.Count == 0) throw new SkTuningException($"{where}, row {i + 1}: has no tags, expected one for each word.");
            var encoded = Runtime.Encoder.EncodeWords(row.Words, out var kept);
            yield return encoded with { Classes = [.. kept.Select(w => Tags.IndexOf(row.Tags[w], $"{where}, row {i + 1}"))] };
        }
    }
}

using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Data;
using SkTuning.Prompts;
using SkTuning.Tasks;

namespace SkTuning.Classifiers.Tokens;

/// <summary>A tag for each word.</summary>
internal sealed class TokenTask : TaskKind<TokenRow>
{
    public const string TaskName = "tokens";

    public override string Name => TaskName;

    internal override bool AnswersPerWord => true;

    private protected override UInt128? TextKey(TokenRow row) => EqualTexts.Key(row);

    internal override TaskSettings DefaultSettings => new TokenSettings();

    internal override Type AdapterType => typeof(TokenClassifier);

    public override AdapterOptions<TokenRow> CreateOptions() => new TokenClassifierOptions();

    internal override string PythonPrediction(TaskSettings settings)
        => "print([labels[i] for i in logits[0].argmax(-1)])                    # a word's tag is that of its first token";

    internal override TaskSettings ReadSettings(JsonObject definition, int labels, string file) => new TokenSettings();

    internal override TunedAdapter Open(AdapterModel adapter, AdapterDefinition? definition, TrainingReport? report)
        => new TokenClassifier(adapter, definition, report);

    internal override LabelSet LabelsOf(IReadOnlyList<TokenRow> train) => new(train.SelectMany(r => r.Tags));

    internal override void CheckLabels(LabelSet labels)
    {
        if (labels.Count < 2)
            throw new SkTuningException($"The training rows have {(labels.Count == 0 ? "no tag" : $"only one tag, '{labels[0]}'")}, expected two or more.");
    }

    internal override void CheckOptions(AdapterOptions<TokenRow> options)
    {
        if (options.Template != RowTemplate.Plain)
            throw new SkTuningException($"The row template is '{options.Template}', expected '{RowTemplate.Plain}': words are tagged "
                + "without text around them.");
    }

    internal override TaskSettings CreateSettings(IReadOnlyList<TokenRow> train) => DefaultSettings;

    internal override Objective CreateObjective(TaskSettings settings, LabelSet labels, double labelSmoothing) => new TokenObjective(labels, labelSmoothing);

    internal override EncodedRow Encode(AdapterModel adapter, TokenRow row, string where)
    {
        if (row.Tags.Count == 0) throw new SkTuningException($"{where}: the row has no tags, expected one for each word.");
        var encoded = adapter.Encoder.EncodeWords(row.Words, out var answered);
        return encoded with { Classes = [.. answered.Select(w => adapter.Labels.GetIndex(row.Tags[w], where))] };
    }

    /// <summary>Encodes the rows that have a word which is read.</summary>
    internal override IReadOnlyList<EncodedRow> EncodeAll(AdapterModel adapter, IReadOnlyList<TokenRow> rows, string where,
        CancellationToken cancellationToken)
        => base.EncodeAll(adapter, rows, where, cancellationToken).Where(r => r.Answers > 0).ToList() is { Count: > 0 } read ? read
            : throw new SkTuningException("No row has a word that the model reads: raise MaxTokens.");
}

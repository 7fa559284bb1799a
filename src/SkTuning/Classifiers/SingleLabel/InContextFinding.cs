using SkTuning.Adapters;
using SkTuning.Prompts;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Classifiers.SingleLabel;

/// <summary>Tries instructions, demonstrations and label words for a classifier that is not trained.</summary>
internal sealed class InContextFinding
{
    private static readonly SearchKind<InContextPrompt> Kind = new("in-context prompt", "in-context prompts", (_, best)
        => $"\"{best.Instruction}\", {best.Demonstrations.Count} demonstrations, the words {string.Join(", ", best.LabelWords.Values)}");

    private readonly SearchSetup _setup;
    private readonly CancellationToken _cancellationToken;
    private readonly AdapterDefinition _start;
    private readonly IReadOnlyList<Row> _pool, _measured;
    private readonly InContextCandidate _written;
    private readonly TextSearcher<InContextCandidate> _searcher;

    private InContextFinding(SharedWork shared, IReadOnlyList<Row> rows, TextClassifierOptions options, InContextSearchOptions search,
        CancellationToken cancellationToken)
    {
        (_setup, _cancellationToken) = (new(shared, rows, options, search), cancellationToken);
        if (_setup.Options.Method is not ZeroShotOptions method)
        {
            throw new SkTuningException($"The method {_setup.Options.Method.Name} is trained: an in-context prompt is for the method zero-shot. "
                + "For this one, search for a prompt (FindPrompt).");
        }
        var labels = _setup.Labels;
        _start = _setup.Define(_setup.Options);
        var most = search.Demonstrations ?? (!_setup.Model.Config.Causal ? 0 : method.Demonstrations > 0 ? method.Demonstrations * labels.Count : 4);
        if (most > 0) SingleLabelTask.RequireDemonstrable(_setup.Model, _setup.Options, _setup.HavePairs);
        _setup.RequireLabels(search.LabelWords?.Keys, $"{nameof(InContextSearchOptions)}.{nameof(InContextSearchOptions.LabelWords)}");
        (_pool, _measured) = Divide(most == 0 ? 0 : search.Pool, search.Seed);
        most = Math.Min(most, _pool.Count);
        _written = new(PhrasedPrompt.Of(options.Prompt), [.. Enumerable.Range(0, most)], _start.LabelWords!);
        var space = new InContextSpace(search.Phrases ?? PromptPhrases.Usual(options.LabelDescriptions), _pool.Count, most,
            [.. labels.Zip(_written.Words, (label, word) => (IReadOnlyList<string>)[.. Words(search, label).Prepend(word).Distinct(StringComparer.Ordinal)])]);
        _searcher = new(search, space, Margins);
    }

    public static TextSearchReport<InContextPrompt> Run(SharedWork shared, IReadOnlyList<Row> rows, TextClassifierOptions options,
        InContextSearchOptions search, CancellationToken cancellationToken)
    {
        var finding = new InContextFinding(shared, rows, options, search, cancellationToken);
        finding._searcher.Run(finding._written);
        return Kind.Report([.. finding._searcher.Tried.Select(t => (finding.PromptOf(t.Candidate), t.Margins))]);
    }

    private static IEnumerable<string> Words(InContextSearchOptions search, string label)
        => search.LabelWords is null ? CommonWords.Of(label) : search.LabelWords.GetValueOrDefault(label, []);

    /// <summary>Returns the rows that demonstrations are chosen from, the labels in turn, and the rows that candidates are measured on.</summary>
    private (IReadOnlyList<Row> Pool, IReadOnlyList<Row> Measured) Divide(int most, ulong seed)
    {
        var (train, dev) = (_setup.Train, _setup.Dev);
        if (dev.Count == 0) most = Math.Min(most, train.Count / 2);
        var classes = _setup.Labels.IndicesOf(train, "the training rows");
        int[] chosen = most == 0 ? [] : [.. Demonstrations.Choose(classes, most, seed).Take(most)];
        var shown = chosen.Select(i => (train[i].Text, train[i].Text2)).ToHashSet();
        // The model would read the answer.
        Row[] measured = [.. (dev.Count > 0 ? dev : train).Where(r => !shown.Contains((r.Text, r.Text2)))];
        return measured.Length > 0 ? ([.. chosen.Select(i => train[i])], measured)
            : throw new SkTuningException($"There are no rows to try prompts on: all of them can be demonstrations "
                + $"({nameof(InContextSearchOptions)}.{nameof(InContextSearchOptions.Pool)}), expected rows with other texts.");
    }

    private InContextPrompt PromptOf(InContextCandidate candidate)
    {
        var (labels, instruction) = (_setup.Labels, candidate.Instruction.Text);
        Row[] shown = [.. candidate.Shown.Select(i => _pool[i])];
        var texts = shown.Select(r => Demonstrations.Of(_start.Template, r.Text, r.Text2, candidate.Words[labels.GetIndex(r.Label)]));
        return new(instruction, shown, labels.Zip(candidate.Words).ToDictionary(l => l.First, l => l.Second, StringComparer.Ordinal),
            shown.Length == 0 ? instruction : Demonstrations.After(instruction, texts));
    }

    /// <summary>Returns the margin of each row: the log-probability of the right label's word minus that of the best other one.</summary>
    private double[]? Margins(InContextCandidate candidate)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using var off = no_grad();
        // The written prompt is refused with its reason. Another one is no candidate if it is too long, or if its words are not words of the model.
        try
        {
            using var adapter = new AdapterModel(_setup.Model, _setup.Define(PromptOf(candidate).ApplyTo(_setup.Options)));
            var rows = SearchSetup.Encoded(adapter, _measured, "the rows", _cancellationToken);
            return HeadMargins.Weighted(adapter.FiniteScores(rows, "rows", _cancellationToken), rows);
        }
        catch (SkTuningException) when (!ReferenceEquals(candidate, _written)) { return null; }
    }
}

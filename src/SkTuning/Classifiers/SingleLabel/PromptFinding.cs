using SkTuning.Adapters;
using SkTuning.Training;

namespace SkTuning.Classifiers.SingleLabel;

/// <summary>Tries prompts for a classifier before it is trained.</summary>
internal static class PromptFinding
{
    private static readonly SingleLabelTask Task = (SingleLabelTask)TaskKinds.Get(SingleLabelTask.TaskName);

    public static PromptSearchReport Run(SharedWork shared, IReadOnlyList<Row> rows, TextClassifierOptions options, PromptSearchOptions search,
        CancellationToken cancellationToken)
    {
        search.Validate();
        options.Training.Validate();
        RowCheck.NotNull(rows, "the training rows");
        RowCheck.NotNull(options.Dev ?? [], "the dev rows");
        if (string.IsNullOrWhiteSpace(options.Prompt))
            throw new SkTuningException("TextClassifierOptions.Prompt is empty, expected a prompt to start the search from.");
        (rows, var own, _) = Task.SetAside(rows, options);
        options = (TextClassifierOptions)own;
        var (model, labels) = (shared.Model, LabelSet.Of(rows));
        Task.CheckLabels(labels);
        if (options.Method is AutoOptions) options = options with { Method = MethodChoice.Of(model, options, Task, rows.Count, labels.Count).Method };
        if (!options.Method.ReadsPrompt)
            throw new SkTuningException($"The method {options.Method.Name} reads no prompt: no prompt can be better. Use one that does, such as sk-prefix.");
        var head = AdapterPlan.HeadOf(options, model, Task);
        if (!head.IsFittedExactly)
            throw new SkTuningException($"The head {head.Name} is not fitted exactly, which a search for a prompt needs: use the head semantic.");

        IReadOnlyList<Row> dev = options.Dev ?? [];
        var objective = Task.CreateObjective(SingleLabelTask.Untrained, labels, options.Training.LabelSmoothing);
        var parts = options.Training.Folds is > 1 and var folds ? folds : Folds.Usual;
        var measure = new PromptMargins(model, objective, Encoded, parts, options.Training.Seed, shared);
        var searcher = new PromptSearcher(search, search.Phrases ?? PromptPhrases.Usual(options.LabelDescriptions), Margins);
        searcher.Run(options.Prompt);
        return Report([.. searcher.Tried], options.Method);

        TrainingRows Encoded(AdapterModel adapter) => new(Task.EncodeAll(adapter, rows, "the training rows", cancellationToken),
            dev.Count == 0 ? [] : Task.EncodeAll(adapter, dev, "the dev rows", cancellationToken), []);

        double[]? Margins(string prompt)
        {
            cancellationToken.ThrowIfCancellationRequested();
            AdapterDefinition definition;
            try
            {
                definition = AdapterPlan.Create(model, options with { Prompt = prompt }, SingleLabelTask.Untrained, labels,
                    Task.HavePairs([.. rows, .. dev]));
            }
            // A prompt that leaves no room for the texts is not a candidate.
            catch (SkTuningException) when (prompt != options.Prompt) { return null; }
            return measure.Of(definition, cancellationToken);
        }
    }

    private static PromptSearchReport Report(IReadOnlyList<(string Prompt, double[] Margins)> tried, TuningOptions method)
    {
        var (written, best) = (tried[0], tried.MaxBy(t => t.Margins.Average()));
        if (tried.Count > 1 && tried.All(t => t.Margins.AsSpan().SequenceEqual(written.Margins)))
        {
            throw new SkTuningException($"The method {method.Name} starts from the model without the prompt, so that prompts cannot be compared before "
                + "training: use a method that starts from the prompted model, such as sk-prefix.");
        }
        return new()
        {
            Written = Trial(written),
            Best = Trial(best),
            IsBetter = PromptSearchReport.IsMoreThanChance(best.Margins, written.Margins, tried.Count - 1),
            Trials = [.. tried.Select(Trial)],
            Rows = written.Margins.Length,
        };

        static PromptTrial Trial((string Prompt, double[] Margins) tried)
            => new(tried.Prompt, tried.Margins.Average(), tried.Margins.Count(m => m > 0) / (double)tried.Margins.Length);
    }
}

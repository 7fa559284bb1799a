using SkTuning.Training;

namespace SkTuning.Classifiers.SingleLabel;

/// <summary>Tries prompts for a classifier before it is trained.</summary>
internal static class PromptFinding
{
    private static readonly SearchKind<string> Kind = new("prompt", "prompts", (_, best) => best);

    public static TextSearchReport<string> Run(SharedWork shared, IReadOnlyList<Row> rows, TextClassifierOptions options, PromptSearchOptions search,
        CancellationToken cancellationToken)
    {
        var setup = new SearchSetup(shared, rows, options, search);
        if (string.IsNullOrWhiteSpace(options.Prompt))
            throw new SkTuningException("TextClassifierOptions.Prompt is empty, expected a prompt to start the search from.");
        var method = setup.Options.Method;
        if (!method.ReadsPrompt)
            throw new SkTuningException($"The method {method.Name} reads no prompt: no prompt can be better. Use one that does, such as sk-prefix.");
        if (!setup.Head.IsFittedExactly)
            throw new SkTuningException($"The head {setup.Head.Name} is not fitted exactly, which a search for a prompt needs: use the head semantic.");
        var space = new PromptSpace(search.Phrases ?? PromptPhrases.Usual(options.LabelDescriptions),
            $"{nameof(PromptSearchOptions)}.{nameof(PromptSearchOptions.Phrases)}");
        var searcher = new TextSearcher<PhrasedPrompt>(search, space, Margins);
        searcher.Run(PhrasedPrompt.Of(options.Prompt));
        var tried = searcher.Tried;
        if (tried.Count > 1 && tried.All(t => t.Margins.AsSpan().SequenceEqual(tried[0].Margins)))
        {
            throw new SkTuningException($"The method {method.Name} starts from the model without the prompt, so that prompts cannot be compared before "
                + "training: use a method that starts from the prompted model, such as sk-prefix.");
        }
        return Kind.Report([.. tried.Select(t => (t.Candidate.Text, t.Margins))]);

        double[]? Margins(PhrasedPrompt prompt)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var asked = setup.Options with { Prompt = prompt.Text };
            // The written prompt is refused with its reason.
            if ((prompt.Text == options.Prompt ? setup.Define(asked) : setup.Candidate(asked)) is not { } definition) return null;
            using var head = setup.Open(definition, cancellationToken);
            return setup.Margins.Of(head, null, cancellationToken);
        }
    }
}

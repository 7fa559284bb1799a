using SkTuning.Adapters;
using SkTuning.Prompts;
using SkTuning.Tasks;

namespace SkTuning.Training;

/// <summary>Creates the definition of a new adapter from the options.</summary>
internal static class AdapterPlan
{
    public const int DefaultMaxTokens = 512;

    /// <param name="model">The base.</param>
    /// <param name="options">The options.</param>
    /// <param name="task">The task's settings.</param>
    /// <param name="labels">The labels, or the name of the value for a regression.</param>
    /// <param name="pairs">True if the rows are pairs.</param>
    /// <exception cref="SkTuningException">An option cannot be used; the message names it.</exception>
    public static AdapterDefinition Create(FrozenModel model, AdapterOptions options, TaskSettings task, IReadOnlyList<string> labels, bool pairs = false)
    {
        var owner = options.GetType().Name;
        options.Training.Validate();
        options.Method.Validate();
        options.Prune?.Validate();
        if (options.Prune is not null && model.Transformer.PruningRefusal is { } refusal) throw new SkTuningException(refusal);
        OptionCheck.IsDefined(owner, nameof(options.Truncation), options.Truncation);
        OptionCheck.IsDefined(owner, nameof(options.Pooling), options.Pooling);
        var windows = options.Truncation == Truncation.Windows;
        if (windows)
        {
            OptionCheck.That(owner, nameof(options.MaxWindows), options.MaxWindows, AdapterCheck.IsWindowCount(options.MaxWindows),
                $"{AdapterCheck.MinWindows} to {AdapterCheck.MaxWindows}");
        }
        if (options.Truncation != Truncation.End && (pairs || task.Kind.AnswersPerWord))
        {
            OptionCheck.That(owner, nameof(options.Truncation), options.Truncation, false,
                $"{Truncation.End}: only single texts can be truncated in the middle or read in windows, not {(pairs ? "pairs" : "tagged words")}");
        }
        var template = Template(model, options.Template, pairs);
        var head = HeadOf(options, model, task.Kind);
        head.Validate();
        if (options.Method.NeedsWords && !head.ScoresWords)
        {
            throw new SkTuningException($"{nameof(PrefixTuningOptions)}.{nameof(PrefixTuningOptions.DistillationLoss)} is {DistillationLoss.Words}, "
                + $"but the head {head.Name} scores no words: choose the head label-words or likelihood, or the distance {DistillationLoss.States}.");
        }
        var descriptions = Descriptions(options, labels, head.ReadsDescriptions);
        if (options.LabelWords is { Count: > 0 } && !head.ScoresWords)
        {
            throw new SkTuningException($"{owner}.LabelWords has words, but the head {head.Name} scores no words: "
                + "choose the head label-words or likelihood, or omit the words.");
        }
        var definition = new AdapterDefinition
        {
            Tuning = options.Method,
            Head = head,
            Pooling = head.ScoresWords ? Pooling.Last : options.Pooling,
            Task = task,
            Prompt = Prompt(options, labels, head, descriptions),
            PromptIds = [],
            Template = template,
            MaxTokens = 1,
            Truncation = options.Truncation,
            MaxWindows = windows ? options.MaxWindows : null,
            Pairs = pairs,
            Labels = [.. labels],
            LabelWords = head.ScoresWords ? Words(options, labels) : null,
            LabelDescriptions = descriptions,
            Base = model.Fingerprint,
            BaseSource = BaseSource.Of(model),
            Precision = model.Describe().Precision.ToString(),
            Seed = options.Training.Seed,
        };
        definition = definition with { PromptIds = definition.TokenizePrompt(model) };
        var context = definition.HeadContext(model);
        if (head.Refusal(context) is { } reason) throw new SkTuningException(reason);
        return definition with { MaxTokens = MaxTokens(model, options, definition.PromptIds.Length, head.AddedTokens(context)) };
    }

    /// <summary>
    /// Returns the prompt: what the options say, or the descriptions of the labels where there is nothing else. A head that reads them itself does not add them
    /// to a prompt.
    /// </summary>
    private static string Prompt(AdapterOptions options, IReadOnlyList<string> labels, HeadOptions head, string[][]? descriptions)
        => options.Prompt.Length == 0 && head.ReadsDescriptions && options.LabelDescriptions is { Count: > 0 } && options.Method.ReadsPrompt
            ? PromptText.Literal(PromptText.Describe(null, labels.Zip(descriptions!, (label, own) => KeyValuePair.Create(label, (IReadOnlyList<string>)own))))
            : options.Prompt;

    /// <summary>Returns the head of the options, or the usual one of the method and the task.</summary>
    public static HeadOptions HeadOf(AdapterOptions options, FrozenModel model, TaskKind task) => options.Head switch
    {
        { } given => given,
        null when options.Method.FreezesHead => model.Config.Causal ? new LikelihoodHeadOptions() : new LabelWordsHeadOptions(),
        null when options.Method.NeedsLinearHead || task.AnswersPerWord || options.Pooling == Pooling.Attention => new LinearHeadOptions(),
        _ => task.HasLevels ? new OrdinalHeadOptions() : new SemanticHeadOptions(),
    };

    /// <summary>Returns the maximum number of tokens of a text: the limit in the options, or what the model's context leaves.</summary>
    /// <param name="model">The base.</param>
    /// <param name="options">The options.</param>
    /// <param name="promptTokens">The number of tokens of the prompt.</param>
    /// <param name="added">The number of tokens that the head reads after a text.</param>
    private static int MaxTokens(FrozenModel model, AdapterOptions options, int promptTokens, int added)
    {
        var (taken, context) = (options.Method.Length(promptTokens), model.Config.Context);
        var room = context - taken;
        if (room < 1)
        {
            var (what, advice) = taken == promptTokens && options.LabelDescriptions is { Count: > 0 }
                ? ("prompt with its label descriptions", "shorten them, or use the head semantic, which reads the descriptions itself")
                : taken == promptTokens ? ("prompt", "shorten it")
                : ($"method {options.Method.Name}", "choose a smaller number of tokens for it");
            throw new SkTuningException($"The {what} takes {taken} tokens, which leaves no room for text in the model's context of {context}: {advice}.");
        }
        if (promptTokens > context && options.Method.PromptLayers != 0)
        {
            throw new SkTuningException($"The prompt has {promptTokens} tokens, more than the model's context of {context}: shorten it"
                + (options.Method.DemonstrationsPerLabel > 0 ? ", or use fewer demonstrations." : "."));
        }
        if (added > 0 && (room - added < 1 || options.MaxTokens > room - added))
        {
            throw new SkTuningException($"The longest label words take {added} tokens after the text, which leaves {Math.Max(0, room - added)} for the text "
                + $"in the model's context of {context}, found {options.MaxTokens ?? 1}: shorten the prompt or the words, or lower MaxTokens.");
        }
        room -= added;
        var maxTokens = options.MaxTokens ?? Math.Min(room, DefaultMaxTokens);
        OptionCheck.That(options.GetType().Name, nameof(options.MaxTokens), maxTokens, maxTokens >= 1 && maxTokens <= room,
            $"1 to {room}: the model's context of {context} less the {taken} tokens before the text");
        return maxTokens;
    }

    /// <summary>Returns a word for each label, in the labels' order.</summary>
    private static string[] Words(AdapterOptions options, IReadOnlyList<string> labels)
    {
        if (options.LabelWords?.Keys.Except(labels, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            LabelSet.InOrder(labels).GetIndex(unknown, $"{options.GetType().Name}.LabelWords");
        return [.. labels.Select(l => options.LabelWords?.GetValueOrDefault(l) ?? l)];
    }

    /// <summary>Returns the descriptions of each label, in the labels' order; null if there are none.</summary>
    /// <param name="options">The options.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="useNames">A label without a description is described by its name.</param>
    private static string[][]? Descriptions(AdapterOptions options, IReadOnlyList<string> labels, bool useNames)
    {
        var given = options.LabelDescriptions ?? new Dictionary<string, IReadOnlyList<string>>();
        if (given.Count == 0 && !useNames) return null;
        var name = $"{options.GetType().Name}.LabelDescriptions";
        var lines = given as LabelDescriptionLines;
        if (given.Keys.Except(labels, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            lines?.Refuse(unknown, 0, $"a description of '{unknown}'", $"one of the labels: {string.Join(", ", labels)}");
            throw new SkTuningException($"{name} describes '{unknown}', expected one of the labels: {string.Join(", ", labels)}.");
        }
        return [.. labels.Select(Texts)];

        string[] Texts(string label)
        {
            if (!given.TryGetValue(label, out var texts))
            {
                const string Expected = "one for each label or none at all";
                if (useNames) return [NameOf(label)];
                lines?.RefuseWithout(label, Expected);
                throw new SkTuningException($"{name} has no description of '{label}', expected {Expected}.");
            }
            if (texts is { Count: > 0 } && texts.All(t => !string.IsNullOrWhiteSpace(t))) return [.. texts];
            var blank = texts?.Index().FirstOrDefault(t => string.IsNullOrWhiteSpace(t.Item)).Index ?? 0;
            lines?.Refuse(label, blank, $"an empty description of '{label}'", "a text");
            throw new SkTuningException($"{name} has an empty description of '{label}', expected a text.");
        }
    }

    /// <summary>Returns the name of a label as words: the separators of identifiers become blanks.</summary>
    internal static string NameOf(string label) => label.Replace('_', ' ') is var words && words.Trim().Length > 0 ? words : label;

    /// <summary>
    /// Returns the row template. Where it has no place for the second text, an encoder's tokenizer joins the pair; a causal model gets a line break.
    /// </summary>
    private static RowTemplate Template(FrozenModel model, string written, bool pairs)
    {
        var template = RowTemplate.Parse(written);
        if (template.HasText2 && !pairs)
            throw new SkTuningException($"The row template '{written}' has {{text2}}, but the rows have one text: expected rows with Text2.");
        if (!pairs || template.HasText2) return template;
        if (model.Config.Causal) return RowTemplate.Parse(written.Replace("{text}", "{text}\n{text2}", StringComparison.Ordinal));
        return written == RowTemplate.Plain ? template
            : throw new SkTuningException($"The row template '{written}' has no place for the second text of the rows: expected {{text2}} in it.");
    }
}

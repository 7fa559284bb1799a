namespace SkTuning.Adapters;

/// <summary>Compares an adapter's definition with a model and refuses what the model cannot do, before anything reaches torch.</summary>
internal static class AdapterCheck
{
    public const int MinWindows = 2, MaxWindows = 1000;

    public static bool IsWindowCount(int windows) => windows is >= MinWindows and <= MaxWindows;

    /// <exception cref="SkTuningFileException">A value cannot be used; the message names its key.</exception>
    public static void Check(AdapterDefinition d, string file, FrozenModel model)
    {
        var kind = d.Task.Kind;
        if (d.Labels.Length < kind.MinLabels || d.Labels.Distinct(StringComparer.Ordinal).Count() != d.Labels.Length || d.Labels.Any(string.IsNullOrWhiteSpace))
        {
            var number = kind.MinLabels == 1 ? "one" : "two";
            throw SkTuningException.BadFile(file, "labels", $"[{string.Join(", ", d.Labels)}]", $"{number} or more different labels with a visible character");
        }
        if (d.Truncation == Truncation.Windows && (d.MaxWindows is not { } windows || !IsWindowCount(windows)))
            throw SkTuningException.BadFile(file, "maxWindows", $"{d.MaxWindows}", $"{MinWindows} to {MaxWindows}");
        OneEach("labelDescriptions", "descriptions", d.LabelDescriptions);
        OneEach("labelWords", "words", d.LabelWords);
        if (d.Head.ReadsDescriptions && d.LabelDescriptions is null)
            throw SkTuningException.BadFile(file, "labelDescriptions", "missing", $"texts for each label, which the head {d.Head.Name} starts from");
        d.Pruning?.Check(file, model);
        if (d.MaxTokens < 1 || d.MaxTokens > model.Config.Context)
            throw SkTuningException.BadFile(file, "maxTokens", $"{d.MaxTokens}", $"1 to the model's context of {model.Config.Context}");
        if (d.Head.Refusal(d.HeadContext(model)) is { } reason)
            throw SkTuningException.BadFile(file, "head", $"\"{d.Head.Name}\"", "a head that fits this base and this adapter", reason);
        var taken = d.Tuning.Length(d.PromptIds.Length);
        var added = d.Head.AddedTokens(d.HeadContext(model));
        if (d.MaxTokens > model.Config.Context - taken - added)
        {
            throw SkTuningException.BadFile(file, "maxTokens", $"{d.MaxTokens}", $"{model.Config.Context - taken - added} or less: the model's context of "
                + $"{model.Config.Context} less the {taken} tokens before the text and {added} after it");
        }
        if (!Prompt(d, file, model).SequenceEqual(d.PromptIds))
            throw SkTuningException.BadFile(file, "promptIds", "a list of other tokens", "the tokens of the prompt",
                "The prompt or the tokenizer was changed.");

        void OneEach<T>(string key, string what, T[]? values)
        {
            if (values is not null && values.Length != d.Labels.Length)
                throw SkTuningException.BadFile(file, key, $"a list of {values.Length} {what}", $"one for each of the {d.Labels.Length} labels");
        }
    }

    private static int[] Prompt(AdapterDefinition d, string file, FrozenModel model)
    {
        try { return d.TokenizePrompt(model); }
        catch (SkTuningException e) when (e is not SkTuningFileException)
        {
            throw SkTuningException.BadFile(file, "prompt", $"\"{d.Prompt}\"", "a prompt that the base can read", e.Message, e);
        }
    }
}

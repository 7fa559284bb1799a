using SkTuning.Adapters;
using SkTuning.Heads;
using SkTuning.Prompts;
using SkTuning.Tasks;
using SkTuning.Tokenizers.Chat;
using SkTuning.Tokenizers.Sources;

namespace SkTuning.Training;

/// <summary>The definition of an adapter that is going to be trained.</summary>
internal static class NewDefinition
{
    private const int LongestByDefault = 512;

    /// <param name="model">The base.</param>
    /// <param name="options">What the user chose.</param>
    /// <param name="task">The task's name.</param>
    /// <param name="labels">Labels, or the name of the one number.</param>
    /// <param name="pairs">Rows are pairs.</param>
    public static AdapterDefinition Of(FrozenModel model, AdapterOptions options, string task, IReadOnlyList<string> labels, bool pairs = false)
    {
        options.Training.Validate();
        options.Method.Validate();
        Named(options, nameof(options.Truncation), options.Truncation);
        Named(options, nameof(options.Pooling), options.Pooling);
        var template = Template(model, options.Template, pairs);
        var descriptions = Descriptions(options, labels);
        var promptIds = DefinitionCheck.PromptIds(model, options.Method.ReadsPrompt, options.Prompt, labels, descriptions);
        var taken = options.Method.Length(promptIds.Length);
        var room = model.Config.Context - taken;
        if (room < 1) throw new SkTuningException($"The prompt takes {taken} tokens and leaves no room for text in the model's context of {model.Config.Context}: shorten it.");
        var most = options.MaxTokens ?? Math.Min(room, LongestByDefault);
        if (most < 1 || most > room) throw new SkTuningException($"{options.GetType().Name}.MaxTokens is {most}, expected 1 to {room}: the model's context of {model.Config.Context} less the {taken} in front of the text.");
        if (options.Truncation != Truncation.End && (pairs || task == TokenObjective.Name))
            throw new SkTuningException($"{options.GetType().Name}.Truncation is {options.Truncation}, expected {Truncation.End}: only single texts can lose their middle or be read in windows, not {(pairs ? "pairs" : "words with tags")}.");
        var windows = options.Truncation == Truncation.Windows;
        if (windows && !DefinitionCheck.IsMaxWindows(options.MaxWindows)) throw new SkTuningException($"{options.GetType().Name}.MaxWindows is {options.MaxWindows}, expected {DefinitionCheck.FewestWindows} to {DefinitionCheck.MostWindows}.");
        return new()
        {
            Tuning = options.Method,
            Prompt = options.Prompt,
            PromptIds = promptIds,
            LabelDescriptions = descriptions,
            Template = template.ToString(),
            MaxTokens = most,
            Labels = [.. labels],
            Head = HeadKind.Linear.Name(),
            Pooling = options.Pooling.ToString(),
            Base = model.Fingerprint,
            Precision = model.Describe().Precision.ToString(),
            Parameters = 0,
            Seed = options.Training.Seed,
            Task = task,
            Pairs = pairs ? true : null,
            Truncation = options.Truncation == Truncation.End ? null : options.Truncation.ToString(),
            MaxWindows = windows ? options.MaxWindows : null,
        };
    }

    private static void Named<T>(AdapterOptions options, string name, T value) where T : struct, Enum
    {
        if (!Enum.IsDefined(value)) throw new SkTuningException($"{options.GetType().Name}.{name} is {value}, expected {string.Join(", ", Enum.GetNames<T>())}.");
    }

    /// <summary>In the labels' order.</summary>
    private static string[]? Descriptions(AdapterOptions options, IReadOnlyList<string> labels)
    {
        if (options.LabelDescriptions is not { Count: > 0 } given) return null;
        var name = $"{options.GetType().Name}.LabelDescriptions";
        if (given.Keys.FirstOrDefault(l => !labels.Contains(l)) is { } unknown) throw new SkTuningException($"{name} describes '{unknown}', expected one of the labels: {string.Join(", ", labels)}.");
        return [.. labels.Select(l => given.TryGetValue(l, out var said) && !string.IsNullOrWhiteSpace(said) ? said : throw new SkTuningException($"{name} says nothing of '{l}', expected a sentence for each label, or for none."))];
    }

    /// <summary>Where the template does not say how a pair is joined, an encoder's tokenizer does, or a line end.</summary>
    private static RowTemplate Template(FrozenModel model, string written, bool pairs)
    {
        var template = RowTemplate.Parse(written);
        if (template.HasText2 && !pairs) throw new SkTuningException($"The row template '{written}' holds {{text2}}, but the rows have one text: expected rows with Text2.");
        if (!pairs || template.HasText2) return template;
        if (model.Config.Causal) return RowTemplate.Parse(written.Replace("{text}", "{text}\n{text2}", StringComparison.Ordinal));
        return written == RowTemplate.Plain ? template : throw new SkTuningException($"The row template '{written}' does not say where the second text of the rows goes: expected {{text2}} in it.");
    }
}

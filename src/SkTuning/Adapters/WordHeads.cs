using SkTuning.Heads;
using SkTuning.Models;
using SkTuning.Prompts;
using SkTuning.Tasks;
using SkTuning.Tokenizers.Chat;

namespace SkTuning.Adapters;

/// <summary>The heads that score words: what they need of base, template and words.</summary>
internal static class WordHeads
{
    public static bool Scores(HeadKind? kind) => kind is HeadKind.LabelWords or HeadKind.Likelihood;

    /// <summary>The head that a method gets where none was chosen.</summary>
    public static HeadKind Default(TuningOptions method, FrozenModel model)
        => !method.FreezesHead ? HeadKind.Linear : model.Config.Causal ? HeadKind.Likelihood : HeadKind.LabelWords;

    /// <summary>The head answers at the template's mask.</summary>
    public static bool ReadsMask(AdapterDefinition definition, FrozenModel model) => HeadKinds.Find(definition.Head) == HeadKind.LabelWords && !model.Config.Causal;

    /// <summary>Why the head of a definition cannot be; null: it can, as far as base and template decide it.</summary>
    public static string? Refusal(AdapterDefinition definition, FrozenModel model)
    {
        var (kind, config) = (HeadKinds.Find(definition.Head), model.Config);
        if (!Scores(kind)) return definition.Tuning.FreezesHead ? $"The method {definition.Tuning.Name} trains nothing: it needs the head label-words or likelihood, for one label a text." : null;
        if ((definition.Task ?? SingleLabelObjective.Name) != SingleLabelObjective.Name) return $"The head {definition.Head} tells one label a text, not the task {definition.Task}: use the head linear.";
        if (definition.LabelWords is null) return $"The head {definition.Head} needs a word for each label.";
        if (kind == HeadKind.Likelihood && definition.Truncation == nameof(Truncation.Windows)) return "The head likelihood scores words behind the whole text, not behind each of its windows: use Truncation.End or Middle (--truncation), or another head.";
        if (config.Causal) return model.Transformer.HasHead ? null : $"The head {definition.Head} needs an LM head, which this {config.Family} checkpoint does not have: use the head linear.";
        if (kind == HeadKind.Likelihood) return $"The head likelihood needs a causal model, and {config.Family} is an encoder: use the head label-words, or linear.";
        if (!model.Transformer.HasMaskedHead) return $"The head label-words needs a masked-LM head, which this {config.Family} checkpoint does not have: use the head linear.";
        return RowTemplate.Parse(definition.Template).HasMask ? null : $"The head label-words of an encoder answers at its mask token, and the row template '{definition.Template}' has no {{mask}}: write one such as '{{text}} It was {{mask}}.'";
    }

    /// <summary>The tokens of each label's words.</summary>
    /// <exception cref="SkTuningException">A word cannot be one; it is named.</exception>
    public static IReadOnlyList<int[]> Tokens(AdapterDefinition definition, FrozenModel model)
    {
        var (template, single) = (RowTemplate.Parse(definition.Template), HeadKinds.Find(definition.Head) == HeadKind.LabelWords);
        var all = new List<int[]>();
        foreach (var (label, word) in definition.Labels.Zip(definition.LabelWords!))
        {
            var ids = LabelTokens.Of(model.Tokenizer, template, word);
            if (single && ids.Length > 1)
                throw new SkTuningException($"The word '{word}' of the label '{label}' is {ids.Length} tokens ({string.Join(" + ", ids.Select(i => $"'{model.Tokenizer.TokenOf(i)}'"))}), and the head label-words takes one: give another word (LabelWords, --label-word){(model.Config.Causal ? ", or use the head likelihood" : "")}.");
            if (all.FindIndex(o => o.AsSpan().SequenceEqual(ids)) is >= 0 and var same)
                throw new SkTuningException($"The words '{definition.LabelWords![same]}' and '{word}' of the labels '{definition.Labels[same]}' and '{label}' are the same tokens: give one of them another word (LabelWords, --label-word).");
            all.Add(ids);
        }
        return all;
    }

    /// <summary>A new definition with a head: its words, the state it sees, and room for its words behind the text.</summary>
    public static AdapterDefinition With(this AdapterDefinition definition, TextClassifierOptions options, LabelSet labels, FrozenModel model)
    {
        var kind = options.Head ?? Default(options.Method, model);
        definition = definition with { Head = kind.Name() };
        if (!Scores(kind)) return definition;
        if (options.LabelWords?.Keys.FirstOrDefault(l => labels.Find(l) < 0) is { } unknown) labels.IndexOf(unknown, "TextClassifierOptions.LabelWords");
        definition = definition with { Pooling = Pooling.Last.ToString(), LabelWords = [.. labels.Select(l => options.LabelWords?.GetValueOrDefault(l) ?? l)] };
        if (Refusal(definition, model) is { } reason) throw new SkTuningException(reason);
        if (kind == HeadKind.LabelWords) return definition;
        Expect(nameof(options.UnlikelihoodWeight), options.UnlikelihoodWeight);
        Expect(nameof(options.LanguageModelWeight), options.LanguageModelWeight);
        var added = Tokens(definition, model).Max(t => t.Length) - 1;
        var room = model.Config.Context - options.Method.Length(definition.PromptIds.Length) - added;
        if (room < 1 || options.MaxTokens > room)
            throw new SkTuningException($"The longest label words take {added} tokens behind the text, which leaves {Math.Max(0, room)} for it in the model's context of {model.Config.Context}, found {options.MaxTokens ?? 1}: shorten the prompt or the words, or lower MaxTokens.");
        return definition with { MaxTokens = Math.Min(definition.MaxTokens, room), Unlikelihood = options.UnlikelihoodWeight, LanguageModel = options.LanguageModelWeight };

        static void Expect(string name, double weight)
        {
            if (weight is not (>= 0 and <= 1000)) throw new SkTuningException(FormattableString.Invariant($"TextClassifierOptions.{name} is {weight}, expected 0 to 1000."));
        }
    }
}

using SkTuning.Heads;
using SkTuning.Metrics;
using SkTuning.Prompts;
using SkTuning.Tasks;

namespace SkTuning.Adapters;

/// <summary>Refuses what an adapter's file says and the model cannot do, before anything reaches torch.</summary>
internal static class DefinitionCheck
{
    public const int FewestWindows = 2, MostWindows = 1000;

    public static bool IsMaxWindows(int windows) => windows is >= FewestWindows and <= MostWindows;

    public static void Check(AdapterDefinition d, string file, FrozenModel model, string task)
    {
        var found = d.Task ?? SingleLabelObjective.Name;
        if (found != task) throw SkTuningException.BadFile(file, "task", $"\"{found}\"", $"\"{task}\"", "Load it with the class of its task.");
        var fewest = task == SingleLabelObjective.Name ? 2 : 1;
        if (d.Labels.Length < fewest || d.Labels.Distinct(StringComparer.Ordinal).Count() != d.Labels.Length)
            throw SkTuningException.BadFile(file, "labels", $"[{string.Join(", ", d.Labels)}]", $"{(fewest == 2 ? "two" : "one")} or more different labels");
        if (!Enum.GetNames<Pooling>().Contains(d.Pooling)) throw SkTuningException.BadFile(file, "pooling", $"\"{d.Pooling}\"", string.Join(", ", Enum.GetNames<Pooling>()));
        if (d.Truncation is { } truncation && !Enum.GetNames<Truncation>().Contains(truncation)) throw SkTuningException.BadFile(file, "truncation", $"\"{truncation}\"", string.Join(", ", Enum.GetNames<Truncation>()));
        if (d.Truncation == nameof(Truncation.Windows) && (d.MaxWindows is not { } windows || !IsMaxWindows(windows))) throw SkTuningException.BadFile(file, "maxWindows", $"{d.MaxWindows}", $"{FewestWindows} to {MostWindows}");
        if (HeadKinds.Find(d.Head) is null) throw SkTuningException.BadFile(file, "head", $"\"{d.Head}\"", string.Join(", ", HeadKinds.Names));
        if (d.LabelDescriptions is { } said && said.Length != d.Labels.Length) throw SkTuningException.BadFile(file, "labelDescriptions", $"{said.Length} sentences", $"one for each of the {d.Labels.Length} labels");
        if (d.LabelWords is { } words && words.Length != d.Labels.Length) throw SkTuningException.BadFile(file, "labelWords", $"{words.Length} words", $"one for each of the {d.Labels.Length} labels");
        if (d.Unlikelihood is not (null or >= 0 and <= 1000) || d.LanguageModel is not (null or >= 0 and <= 1000)) throw SkTuningException.BadFile(file, "unlikelihood, languageModel", $"{d.Unlikelihood}, {d.LanguageModel}", "0 to 1000 each");
        if (d.Thresholds is { } t && (t.Length != d.Labels.Length || t.Any(v => v is not (>= 0 and <= 1)))) throw SkTuningException.BadFile(file, "thresholds", $"[{string.Join(", ", t)}]", $"{d.Labels.Length} numbers from 0 to 1");
        if (d.Temperature is not (null or > 0 and <= 1000)) throw SkTuningException.BadFile(file, "temperature", $"{d.Temperature}", "above 0, at most 1000");
        if (d.SureFrom is not (null or >= 0 and <= 1)) throw SkTuningException.BadFile(file, "sureFrom", $"{d.SureFrom}", "0 to 1");
        if (task == RegressionObjective.Name && (d.Mean is not { } mean || !double.IsFinite(mean) || d.Deviation is not > 0)) throw SkTuningException.BadFile(file, "mean, deviation", $"{d.Mean}, {d.Deviation}", "a number, and one above 0");
        if (d.MaxTokens < 1 || d.MaxTokens > model.Config.Context) throw SkTuningException.BadFile(file, "maxTokens", $"{d.MaxTokens}", $"1 to the model's context of {model.Config.Context}");
        if (WordHeads.Refusal(d, model) is { } reason) throw SkTuningException.BadFile(file, "head", $"\"{d.Head}\"", "a head that this base and this adapter can have", reason);
        if (!PromptIds(model, d.Tuning.ReadsPrompt, d.Prompt, d.Labels, d.LabelDescriptions).SequenceEqual(d.PromptIds))
            throw SkTuningException.BadFile(file, "promptIds", "not the tokens of the prompt", "those that the tokenizer makes of it", "The prompt or the tokenizer was changed.");
    }

    /// <summary>The tokens of a prompt; none where there is no prompt and none is read.</summary>
    public static int[] PromptIds(FrozenModel model, bool isRead, string prompt, IReadOnlyList<string> labels, IReadOnlyList<string>? descriptions)
        => prompt.Length == 0 && descriptions is null && !isRead ? [] : TextEncoder.PromptIds(model.Tokenizer, model.Config.Causal, PromptText.Whole(prompt, labels, descriptions));
}

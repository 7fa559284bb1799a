using SkTuning.Models;

namespace SkTuning.Methods.Auto;

/// <summary>What the choice of a method depends on.</summary>
/// <param name="Rows">The number of training rows.</param>
/// <param name="Labels">The number of labels; 1 for a number.</param>
/// <param name="Task">The task.</param>
/// <param name="Base">The traits of the base.</param>
/// <param name="HasPrompt">There is a prompt to read.</param>
internal sealed record AutoFacts(int Rows, int Labels, TaskKind Task, ModelConfig Base, bool HasPrompt);

/// <summary>A method, and why it is chosen.</summary>
/// <param name="Method">The method.</param>
/// <param name="Reason">The reason in one line, which begins with the name of the method.</param>
internal sealed record AutoChoice(TuningOptions Method, string Reason);

/// <summary>The rule of the method auto. docs/recipe.md has the measurements that it rests on.</summary>
internal static class AutoRule
{
    /// <summary>Returns the methods for a training, the best first. The first that the base can take is chosen.</summary>
    public static IReadOnlyList<AutoChoice> Of(AutoFacts facts)
    {
        // On an encoder, lora was the best on average in bench/plans/recipe-rates.json, at every number of rows; on a causal model, sk-prefix+lora in
        // recipe-causal.json, and lora of those that read no prompt. The others are for bases that cannot take the first.
        var readsPrompt = facts is { Base.Causal: true, HasPrompt: true, Task.AnswersPerWord: false };
        var best = facts.Base.Causal && !readsPrompt ? "the best on average of the methods that read no prompt" : "the best on average";
        TuningOptions[] methods = readsPrompt
            ? [new CompositeOptions { Parts = [new SkPrefixOptions(), new LoraOptions()] }, new SkPrefixOptions(), new LoraOptions(), new BitFitOptions(),
                new ProbeOptions()]
            : [new LoraOptions(), new BitFitOptions(), new ProbeOptions()];
        return [.. methods.Select((method, place) => new AutoChoice(method, $"{method.Name}: {Situation(facts)}; "
            + (place > 0 ? "this base cannot take the methods that are usually better" : $"it was {best} in the measurements of the library")))];
    }

    private static string Situation(AutoFacts facts)
    {
        var rows = facts.Labels > 1 && !facts.Task.AnswersPerWord
            ? Count(facts.Rows / facts.Labels, "row") + " per label"
            : Count(facts.Rows, "row");
        return $"{rows} on {(facts.Base.Causal ? "a causal model" : "an encoder")}";
    }

    private static string Count(int number, string what) => FormattableString.Invariant($"{number} {what}{(number == 1 ? "" : "s")}");
}

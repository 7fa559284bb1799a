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
        // recipe-causal.json. The others are for bases that cannot take the first.
        TuningOptions[] best = facts is { Base.Causal: true, HasPrompt: true, Task.AnswersPerWord: false }
            ? [new CompositeOptions { Parts = [new SkPrefixOptions(), new LoraOptions()] }, new SkPrefixOptions(), new LoraOptions(), new BitFitOptions(),
                new ProbeOptions()]
            : [new LoraOptions(), new BitFitOptions(), new ProbeOptions()];
        return [.. best.Select((method, place) => new AutoChoice(method, $"{method.Name}: {Situation(facts)}; {Why(method, place)}"))];
    }

    private static string Why(TuningOptions method, int place) => (method, place) switch
    {
        (_, > 0) => "this base cannot take the methods that are usually better",
        _ => "there it was the best on average (docs/recipe.md)",
    };

    private static string Situation(AutoFacts facts)
    {
        var rows = facts.Labels > 1 && !facts.Task.AnswersPerWord
            ? Count(facts.Rows / facts.Labels, "row") + " a label"
            : Count(facts.Rows, "row");
        return $"{rows} on {(facts.Base.Causal ? "a causal model" : "an encoder")}";
    }

    private static string Count(int number, string what) => FormattableString.Invariant($"{number} {what}{(number == 1 ? "" : "s")}");
}

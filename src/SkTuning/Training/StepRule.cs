using SkTuning.Adapters;
using SkTuning.Models;

namespace SkTuning.Training;

/// <summary>How many steps a training takes with a head that is fitted exactly: few rows need about the same number, whatever their number.</summary>
/// <param name="Least">The number of steps for rows of one batch.</param>
/// <param name="More">How many each further batch adds.</param>
/// <param name="Most">The number that few rows take at most.</param>
/// <param name="Epochs">The number of epochs for many rows.</param>
internal sealed record StepRule(int Least, int More, int Most, int Epochs)
{
    /// <summary>Single texts on an encoder.</summary>
    public static StepRule Texts { get; } = new(16, 2, 20, 3);

    /// <summary>
    /// Pairs: their states say little about how the texts are related, so that the adapter has more to learn (bench/plans/recipe-steps.json).
    /// </summary>
    public static StepRule Pairs { get; } = new(24, 8, 64, 6);

    /// <summary>
    /// Causal models, whose prefixes learn more slowly; more steps do not harm their other methods (bench/plans/recipe-tiny.json).
    /// </summary>
    public static StepRule Causal { get; } = new(48, 8, 64, 8);

    /// <summary>Returns the rule for an adapter.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="config">The traits of its base.</param>
    public static StepRule Of(AdapterDefinition adapter, ModelConfig config)
        => config.Causal ? Causal : adapter.Pairs ? Pairs : Texts;

    /// <summary>Returns the number of steps for a number of batches in an epoch.</summary>
    public long Steps(int batches) => Math.Max(Math.Min(Most, Least + More * (batches - 1L)), Epochs * (long)batches);
}

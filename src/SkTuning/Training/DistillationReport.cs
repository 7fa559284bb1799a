namespace SkTuning;

/// <summary>What the distillation of a prompt into a prefix achieved (<see cref="PrefixTuningOptions.Distillation"/>).</summary>
public sealed record DistillationReport
{
    /// <summary>Gets the number of steps.</summary>
    public required int Steps { get; init; }

    /// <summary>
    /// Gets the number of texts that the prefix learned from. Texts that do not fit into the model's context after the whole prompt are left out.
    /// </summary>
    public required int Texts { get; init; }

    /// <summary>Gets the number of tokens of the prompt.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Gets the number of positions of the prefix.</summary>
    public required int PrefixTokens { get; init; }

    /// <summary>
    /// Gets the distance to the model after the whole prompt before the first step, on the dev rows, or on the texts if there are no dev rows.
    /// </summary>
    public required double Before { get; init; }

    /// <summary>Gets the distance after the last step, on the same texts.</summary>
    public required double After { get; init; }
}

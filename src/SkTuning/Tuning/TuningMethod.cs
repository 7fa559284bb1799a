using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning.Tuning;

/// <summary>What all tuning methods have: a name for files and command lines.</summary>
public abstract record TuningOptions
{
    private protected TuningOptions() { }

    /// <summary>The method's name: <c>sk-prefix</c>…</summary>
    public abstract string Name { get; }

    /// <summary>Refuses values that make no sense, by name.</summary>
    internal abstract void Validate();

    /// <summary>The method for a model and the prompt that it has read.</summary>
    internal abstract TuningMethod Create(ModelConfig config, PromptEncoding prompt);
}

/// <summary>A way of tuning: what it trains, and what it makes of that for the frozen model. It holds no state of its own.</summary>
internal abstract class TuningMethod
{
    /// <summary>The trainable tensors, by their names in the adapter file below "adapter.".</summary>
    public abstract IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>Positions that the method takes from the model's context.</summary>
    public abstract int Length { get; }

    /// <summary>
    /// What goes into the forward pass, one copy for all rows, with gradients to the parameters. It does not depend on the input: computed once a
    /// step in training, once for ever when baked. New tensors belong to the caller's dispose scope.
    /// </summary>
    public abstract Injection Inject(ParameterSet parameters);
}

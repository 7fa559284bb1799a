using SkTuning.Methods;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// Leaves the choice of the method to the library, by the number of rows, the task and the base. <see cref="TrainingReport.MethodReason"/> has the choice and
/// its reason, and the adapter that is saved has the chosen method. An adapter that training continues from (<see cref="AdapterOptions.StartFrom"/>) and a run
/// that is resumed keep their method.
/// </summary>
public sealed record AutoOptions : TuningOptions
{
    internal override void Validate() { }

    internal override double? OwnRate => null;

    internal override bool Composes => false;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => 0;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt)
        => throw new SkTuningException($"{Name} stands for another method, which training chooses: expected the name of that method.");
}

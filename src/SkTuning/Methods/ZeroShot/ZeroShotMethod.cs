using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning.Methods.ZeroShot;

/// <summary>Injects the prompt's own keys and values before the text, in every layer.</summary>
internal sealed class ZeroShotMethod : TuningMethod
{
    private readonly PromptEncoding? _prompt;

    public ZeroShotMethod(ModelConfig config, PromptEncoding? prompt)
    {
        if (prompt is not null && !config.TakesPrefix)
            throw new SkTuningException($"Models of the family {config.Family} cannot take a prefix of keys and values, which the prompt of zero-shot is: "
                + $"write the task into the template, before {{text}}.");
        _prompt = prompt;
    }

    public override IReadOnlyList<ParameterSpec> Parameters => [];

    public override int Length => _prompt?.Length ?? 0;

    public override Injection Inject(ParameterSet parameters, bool training) => _prompt is null ? Injection.None : Injection.OfPrefix(_prompt.KeyValues);
}

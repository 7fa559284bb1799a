using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Prompts;

namespace SkTuning.Methods.SkPrompt;

/// <summary>
/// z = e + up(gelu(down(layer_norm(h_1)))), where e is the prompt's word embeddings and h_1 the first layer's output. The last factor
/// starts at zero: step 0 is the prompted model.
/// </summary>
internal sealed class SkPromptMethod : TuningMethod
{
    private readonly PromptEncoding _prompt;
    private readonly double _dropout;
    private readonly Bottleneck _adapter;

    public SkPromptMethod(SkPromptOptions options, ModelConfig config, PromptEncoding prompt)
    {
        (_prompt, _dropout) = (prompt, options.Dropout);
        _adapter = new("", config.Hidden, options.Bottleneck, prompt.Words.shape[1]);
    }

    public override IReadOnlyList<ParameterSpec> Parameters => _adapter.Parameters;

    public override int Length => _prompt.Length;

    public override Injection Inject(ParameterSet parameters, bool training)
        => new() { InputPrompt = _prompt.Words.Plus(_adapter.Forward(_prompt.Hidden[1], parameters, training ? _dropout : 0)).unsqueeze(0) };   // [1,P,E]
}

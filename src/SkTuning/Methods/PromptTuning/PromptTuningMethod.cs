using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Methods.PromptTuning;

/// <summary>The trained vectors themselves, [n,E].</summary>
internal sealed class PromptTuningMethod : TuningMethod
{
    public const string Embeddings = "embeddings";

    private readonly bool _holdsStart;

    public PromptTuningMethod(PromptStart start, int length, PromptEncoding prompt)
    {
        (Length, _holdsStart) = (length, start == PromptStart.Text);
        var width = prompt.Reader.Embeddings.Size;
        Parameters = [new(Embeddings, [length, width], start switch
        {
            PromptStart.Text => ParameterStarts.Copy(() => Repeated(prompt.Words, length)),
            PromptStart.Vocabulary => FromVocabulary(prompt.Reader, length),
            _ => ParameterStarts.Normal(WordDeviation(prompt.Reader)),
        })];
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length { get; }

    /// <summary>Only a prompt that starts as text contains the BOS.</summary>
    public override bool HoldsStart => _holdsStart;

    public override Injection Inject(ParameterSet parameters, bool training) => new() { InputPrompt = parameters.Adapter(Embeddings).unsqueeze(0) };

    /// <summary>Returns the first n rows of a text that is repeated as often as needed.</summary>
    private static Tensor Repeated(Tensor rows, int length)
        => rows.index_select(0, Numbers.Range(0, length, rows.device).remainder(rows.shape[0].Kept()));

    private static ParameterStart FromVocabulary(Transformer model, int length) => (values, random) =>
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var ids = Enumerable.Range(0, length).Select(_ => (long)random.Next(model.Config.Vocabulary)).ToArray();
        model.Embeddings.Word(tensor(ids, device: model.Embeddings.Device)).to_type(ScalarType.Float32).cpu().contiguous().data<float>().ToArray()
            .CopyTo(values);
    };

    /// <summary>Returns the standard deviation of the word embeddings at the model's input, over the first 4,096 words.</summary>
    private static float WordDeviation(Transformer model)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var ids = Numbers.Range(0, Math.Min(4096, model.Config.Vocabulary), model.Embeddings.Device);
        return model.Embeddings.Word(ids).std().to_type(ScalarType.Float32).item<float>();
    }
}

using SkTuning.Batches;
using SkTuning.Methods.AuthorsBert;
using SkTuning.Models;
using SkTuning.Prompts;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Methods.AuthorsLlm;

/// <summary>The authors' code for causal models, with one copy of the prompt where they run one a row. With no transform, prefix and prompt give the same text states.</summary>
internal sealed class AuthorsLlmMethod : TuningMethod
{
    private const string Embedding = "embedding.weight", TransformName = "transform.weight";

    private readonly AuthorsLlmOptions _options;
    private readonly ModelConfig _config;
    private readonly PromptEncoding _prompt;

    public AuthorsLlmMethod(AuthorsLlmOptions options, ModelConfig config, PromptEncoding prompt)
    {
        if (!config.Causal) throw new SkTuningException($"authors-llm: {config.Family} is an encoder, expected a causal model; authors-bert is their code for encoders.");
        (_options, _config, _prompt) = (options, config, prompt);
        Parameters = [.. Shapes(options, config, prompt.Length, prompt.Words.shape[1])
            .Select(s => new ParameterSpec(s.Name, s.Shape, s.Name == Embedding ? ParameterStarts.Copy(prompt.Words) : ParameterStarts.Linear(s.Shape[1])))];
    }

    /// <summary>What is trained, on a model of these traits whose word embeddings have a width, with a prompt of n tokens.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Shapes(AuthorsLlmOptions options, ModelConfig config, int n, long width)
    {
        var square = options.Place == AuthorsPlace.Prefix ? config.Attention.HeadSize : width;
        return options.Transform ? [(Embedding, [n, width]), (TransformName, [square, square])] : [(Embedding, [n, width])];
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length => _prompt.Length;

    public override Injection Inject(ParameterSet parameters, bool training)
    {
        using var scope = NewDisposeScope();
        var dropout = training ? _options.Dropout : 0;
        var words = parameters.Adapter(Embedding).unsqueeze(0);                                                 // [1,n,E]
        if (_options.Place == AuthorsPlace.Prompt)
        {
            if (_options.Transform) words = Dropped(F.linear(words, parameters.Adapter(TransformName)), dropout);
            return new() { InputPrompt = words.MoveToOuterDisposeScope() };
        }
        if (_config.Classifier.AuthorsDropWords) words = Dropped(words, dropout);
        var read = _prompt.Reader.Forward(new() { Ids = zeros(1, _prompt.Length, dtype: ScalarType.Int64, device: words.device), InputEmbeddings = words, KeepKeyValues = true });
        return Injection.OfPrefix([.. read.KeyValues.Select(kv => new LayerPrefix(Transformed(kv.Keys), Transformed(kv.Values)))]);

        Tensor Transformed(Tensor t)
            => (_options.Transform ? Dropped(F.linear(t.Exact(), parameters.Adapter(TransformName)), dropout) : t).MoveToOuterDisposeScope();
    }

    public override ForwardRequest Request(Transformer transformer, TokenBatch batch, Injection injection)
        => base.Request(transformer, batch, injection) with { PositionIds = AuthorsPositions.Of(batch, injection) };

    public override Func<ForwardResult, bool, Tensor>? Pooling => (result, training) => Dropped(result.Hidden, training ? _options.Dropout : 0).mean([1L]);

    private static Tensor Dropped(Tensor x, double rate) => rate > 0 ? F.dropout(x, rate, training: true) : x;
}

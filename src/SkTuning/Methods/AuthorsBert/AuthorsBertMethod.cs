using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Prompts;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Methods.AuthorsBert;

/// <summary>
/// The authors' code for BERT. With <see cref="AuthorsPlace.Prompt"/>, the text's complete embeddings (words, positions, types, norm) serve as its word
/// embeddings, so that it gets positions and norm twice.
/// </summary>
internal sealed class AuthorsBertMethod : TuningMethod
{
    private readonly AuthorsBertOptions _options;
    private readonly ModelConfig _config;
    private readonly PromptEncoding _prompt;
    private readonly long _width;

    public AuthorsBertMethod(AuthorsBertOptions options, ModelConfig config, PromptEncoding prompt)
    {
        var asPrefix = options.Place == AuthorsPlace.Prefix;
        if (config.Causal)
            throw new SkTuningException($"authors-bert: {config.Family} is a causal model, expected an encoder; authors-llm is the "
                + "authors' code for causal models.");
        if (asPrefix && !config.TakesPrefix)
            throw new SkTuningException($"authors-bert: models of the family {config.Family} cannot take a prefix of keys and values; set place to Prompt.");
        if (!asPrefix && prompt.Words.shape[1] != config.Hidden)
            throw new SkTuningException($"authors-bert: the word embeddings of this model have {prompt.Words.shape[1]} values and its states {config.Hidden}, "
                + "expected the same size for a prompt; set place to Prefix.");
        (_options, _config, _prompt) = (options, config, prompt);
        _width = Width(options, config);
        Parameters = [.. Specs(options, config, prompt.Length)];
    }

    /// <summary>Returns the trained tensors for a model with these traits and a prompt of n tokens.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Shapes(AuthorsBertOptions options, ModelConfig config, int n)
        => Specs(options, config, n).Select(s => (s.Name, s.Shape));

    private static IEnumerable<ParameterSpec> Specs(AuthorsBertOptions options, ModelConfig config, int n) => options.Pooling
        ? [.. ParameterStarts.LinearSpecs("pool", config.Hidden, 1), .. ParameterStarts.LinearSpecs("projection", n, n * Width(options, config))]
        : ParameterStarts.LinearSpecs("projection", config.Hidden, Width(options, config));

    /// <summary>The number of values that are produced for one position.</summary>
    private static long Width(AuthorsBertOptions options, ModelConfig config)
        => options.Place == AuthorsPlace.Prefix ? 2L * config.Layers * config.Attention.KeyValueHeads * config.Attention.HeadSize : config.Hidden;

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length => _prompt.Length;

    public override Injection Inject(ParameterSet parameters, bool training)
    {
        using var scope = NewDisposeScope();
        var made = _prompt.Hidden[^1];                                                                          // [n,H]
        if (_options.Pooling) made = Apply("pool", made).squeeze(-1);                                           // [n]
        made = Apply("projection", made).view(_prompt.Length, _width);
        if (_options.Place == AuthorsPlace.Prompt) return new() { InputPrompt = made.unsqueeze(0).MoveToOuterDisposeScope() };
        if (training && _options.Dropout > 0) made = F.dropout(made, _options.Dropout, training: true);
        // [2L,1,Hkv,n,Dh]
        var layers = made.view(1, _prompt.Length, 2 * _config.Layers, _config.Attention.KeyValueHeads, _config.Attention.HeadSize).permute(2, 0, 3, 1, 4);
        return Injection.OfPrefix([.. Enumerable.Range(0, _config.Layers)
            .Select(l => new LayerPrefix(layers[2 * l].MoveToOuterDisposeScope(), layers[2 * l + 1].MoveToOuterDisposeScope()))]);

        Tensor Apply(string name, Tensor x) => F.linear(x, parameters.Adapter(name + ".weight"), parameters.Adapter(name + ".bias"));
    }

    public override ForwardRequest Request(Transformer transformer, TokenBatch batch, Injection injection)
    {
        var request = base.Request(transformer, batch, injection) with { PositionIds = AuthorsPositions.Of(batch, injection) };
        return _options.Place == AuthorsPlace.Prefix ? request : request with { InputEmbeddings = transformer.Embed(batch.Ids) };
    }

    public override Func<ForwardResult, bool, Tensor>? Pooling => (result, _) => result.Hidden.mean([1L]);
}

/// <summary>Positions as in the authors' code: every place counts, including padding.</summary>
internal static class AuthorsPositions
{
    /// <summary>Returns [1, n+T] for an input prompt and the text after it, else [1,T] for the text after a prefix.</summary>
    public static Tensor Of(TokenBatch batch, Injection injection)
    {
        var length = batch.Ids.shape[1] + (injection.InputPrompt?.shape[1] ?? 0);
        return Numbers.Range(injection.PrefixLength, injection.PrefixLength + length, batch.Ids.device).unsqueeze(0);
    }
}

using Microsoft.Extensions.AI;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Models;
using SkTuning.Prompts;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Serving;

/// <summary>
/// Generates embeddings of texts from the states of a frozen model, without an adapter. The vector of a text does not depend on the texts beside it. All
/// members are thread-safe. It does not own the model.
/// </summary>
public sealed class FrozenEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>The key in <see cref="Embedding.AdditionalProperties"/> of a text that was too long and is read only in part; its value is true.</summary>
    public const string TruncatedProperty = "truncated";

    private readonly FrozenModel _model;
    private readonly EmbeddingGeneratorMetadata _metadata;
    private readonly TextEncoder _encoder;
    private readonly Pooling _pooling;
    private readonly bool _normalize;

    /// <summary>Creates a generator.</summary>
    /// <param name="model">The frozen model, which must outlive the generator.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <exception cref="SkTuningException">An option is out of range.</exception>
    public FrozenEmbeddingGenerator(FrozenModel model, FrozenEmbeddingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        options.Validate();
        var (config, context) = (model.Config, model.Config.Context);
        var maxTokens = options.MaxTokens ?? Math.Min(context, AdapterPlan.DefaultMaxTokens);
        OptionCheck.That(nameof(FrozenEmbeddingOptions), nameof(options.MaxTokens), maxTokens, maxTokens <= context,
            FormattableString.Invariant($"1 to {context}, the context of the model"));
        (_model, _normalize, _pooling) = (model, options.Normalize, options.Pooling ?? (config.Causal ? Pooling.Last : Pooling.Mean));
        _encoder = new(model.Tokenizer, config.Causal, RowTemplate.Parse(RowTemplate.Plain), startsText: true, maxTokens);
        _encoder.RequireRoom(pairs: false);
        var name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(model.Describe().Source));
        _metadata = new("sktuning", defaultModelId: name, defaultModelDimensions: config.Hidden);
    }

    /// <summary>Generates the embedding of each text, in their order, on a background thread.</summary>
    /// <param name="values">The texts.</param>
    /// <param name="options">
    /// <see cref="EmbeddingGenerationOptions.Dimensions"/> and <see cref="EmbeddingGenerationOptions.ModelId"/>, where they are given, must be those of the
    /// model.
    /// </param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    /// <exception cref="SkTuningException">An option asks for what the model cannot do, or its states are not finite.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        Check(options);
        string[] texts = [.. values];
        if (texts.AsSpan().Contains(null)) throw new ArgumentException("A text is null.", nameof(values));
        return texts.Length == 0 ? Task.FromResult(new GeneratedEmbeddings<Embedding<float>>())
            : Task.Run(() => Generate(texts, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType == typeof(FrozenModel) ? _model
            : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Does nothing: the model belongs to the caller.</summary>
    public void Dispose() { }

    private void Check(EmbeddingGenerationOptions? options)
    {
        if (options?.Dimensions is { } dimensions)
        {
            OptionCheck.That(nameof(EmbeddingGenerationOptions), nameof(options.Dimensions), dimensions, dimensions == _metadata.DefaultModelDimensions,
                FormattableString.Invariant($"{_metadata.DefaultModelDimensions}, the size of the model's states"));
        }
        if (options?.ModelId is { } id)
        {
            OptionCheck.That(nameof(EmbeddingGenerationOptions), nameof(options.ModelId), id, id == _metadata.DefaultModelId,
                $"{_metadata.DefaultModelId}, the model of the generator");
        }
    }

    private GeneratedEmbeddings<Embedding<float>> Generate(string[] texts, CancellationToken cancellationToken)
    {
        using var call = _model.Calls.Begin();
        using var scope = NewDisposeScope();
        var rows = new EncodedRow[texts.Length];
        for (var r = 0; r < rows.Length; r++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows[r] = _encoder.Encode(texts[r]);
        }
        var states = BatchedPass.Collect(rows, _model.Device, States, CPU, memory: PassMemory.Of(_model.Transformer, 0), cancellationToken: cancellationToken)
            .to_type(ScalarType.Float32).contiguous();
        if (!Finite.All(states)) throw new SkTuningException($"The embeddings are not finite numbers: {Finite.Reason(_model.Transformer.ComputesInHalf)}");
        var (made, width, tokens) = (DateTimeOffset.UtcNow, (int)states.shape[1], rows.Sum(r => (long)r.Tokens));
        var result = new GeneratedEmbeddings<Embedding<float>>(rows.Length) { Usage = new() { InputTokenCount = tokens, TotalTokenCount = tokens } };
        for (var r = 0; r < rows.Length; r++)
        {
            using var row = states.select(0, r);
            var vector = row.data<float>().ToArray();
            if (_normalize) Normalize(vector);
            result.Add(new(vector)
            {
                CreatedAt = made,
                ModelId = _metadata.DefaultModelId,
                AdditionalProperties = rows[r].WasTruncated ? new() { [TruncatedProperty] = true } : null,
            });
        }
        return result;
    }

    /// <summary>Returns the pooled states of a batch, [B,D].</summary>
    private Tensor States(TokenBatch batch)
    {
        var request = new ForwardRequest { Ids = batch.Ids, Mask = batch.Mask };
        return _pooling switch
        {
            Pooling.Last => One(AnswerPositions.Of(batch)),
            Pooling.First => One(AnswerPositions.First(batch)),
            _ => _pooling.Pool(_model.Transformer.Forward(request).Text, batch.Mask),
        };

        Tensor One(Tensor position) => _model.Transformer.Forward(request with { Outputs = position }).Hidden.squeeze(1);
    }

    /// <summary>Divides a vector by its length; a vector of zeros is not changed.</summary>
    private static void Normalize(float[] vector)
    {
        var square = 0.0;
        foreach (var v in vector) square += (double)v * v;
        if (square == 0) return;
        var scale = 1 / Math.Sqrt(square);
        for (var i = 0; i < vector.Length; i++) vector[i] = (float)(vector[i] * scale);
    }
}

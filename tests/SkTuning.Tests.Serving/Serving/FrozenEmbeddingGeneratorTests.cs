using Microsoft.Extensions.AI;
using SkTuning.Prompts;
using SkTuning.Serving;
using SkTuning.Tests.Heads;
using static TorchSharp.torch;

namespace SkTuning.Tests.Serving;

/// <summary>Embeddings from a frozen model.</summary>
public sealed class FrozenEmbeddingGeneratorTests(FrozenEmbeddingGeneratorTests.Models models) : IClassFixture<FrozenEmbeddingGeneratorTests.Models>
{
    private static readonly string[] Texts = ["where is my parcel?", "", "i was charged for a parcel that never came, and nobody answers my letters", "refund"],
        Words = ["w20 w30 w41", "", "w20 w30 w41 w77 w35 w90 w91 w92", "w55"];

    [Theory]
    [InlineData(false, null, false)]
    [InlineData(false, Pooling.Last, true)]
    [InlineData(false, Pooling.Mean, true)]
    [InlineData(false, Pooling.First, false)]
    [InlineData(true, null, true)]
    [InlineData(true, Pooling.Mean, false)]
    public async Task Vectors_are_the_pooled_states_of_each_text_alone(bool encoder, Pooling? pooling, bool normalize)
    {
        var model = models.Of(encoder);
        using var generator = new FrozenEmbeddingGenerator(model, new() { Pooling = pooling, Normalize = normalize });
        var texts = encoder ? Words : Texts;
        var all = await generator.GenerateAsync(texts);
        Assert.Equal(texts.Length, all.Count);
        for (var i = 0; i < texts.Length; i++)
        {
            var expected = Direct(model, texts[i], pooling ?? (encoder ? Pooling.Mean : Pooling.Last), normalize);
            Assert.Equal(expected.Length, all[i].Dimensions);
            for (var d = 0; d < expected.Length; d++) Assert.Equal(expected[d], all[i].Vector.Span[d], 1e-4);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_vector_does_not_depend_on_the_texts_beside_it(bool encoder)
    {
        using var generator = new FrozenEmbeddingGenerator(models.Of(encoder));
        string[] many = [.. Enumerable.Range(0, 150).Select(i => string.Join(' ',
            Enumerable.Repeat(encoder ? "w20 w31 w42 w53 w64" : "a parcel from my neighbour", 1 + i % 11))
            + (encoder ? $" w{60 + i % 60}" : $" {i}"))];
        var together = await generator.GenerateAsync(many);
        foreach (var i in (int[])[0, 10, 77, 149])
        {
            var alone = (await generator.GenerateAsync([many[i]]))[0].Vector;
            for (var d = 0; d < alone.Length; d++) Assert.Equal(alone.Span[d], together[i].Vector.Span[d], 1e-5);
        }
        Assert.True(Cosine(together[0].Vector, together[11].Vector) < 1 - 1e-6, "texts that differ in a number have the same vector");
    }

    [Fact]
    public async Task Vectors_have_unit_length_unless_the_options_say_otherwise()
    {
        using var generator = new FrozenEmbeddingGenerator(models.Of(false));
        using var raw = new FrozenEmbeddingGenerator(models.Of(false), new() { Normalize = false });
        Assert.All(await generator.GenerateAsync(Texts), e => Assert.Equal(1, Length(e.Vector), 1e-5));
        Assert.All(await raw.GenerateAsync(Texts), e => Assert.NotEqual(1, Length(e.Vector), 1e-2));
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_read_in_part_and_marked()
    {
        using var generator = new FrozenEmbeddingGenerator(models.Of(false), new() { MaxTokens = 8 });
        var result = await generator.GenerateAsync(["a parcel", string.Join(' ', Enumerable.Repeat("parcel", 40))]);
        Assert.Null(result[0].AdditionalProperties);
        Assert.Equal(true, result[1].AdditionalProperties![FrozenEmbeddingGenerator.TruncatedProperty]);
        Assert.InRange(result.Usage!.InputTokenCount!.Value, 8 + 1, 8 + 7);
        Assert.Equal(result.Usage.InputTokenCount, result.Usage.TotalTokenCount);
    }

    [Fact]
    public async Task The_generator_describes_itself()
    {
        using IEmbeddingGenerator<string, Embedding<float>> generator = new FrozenEmbeddingGenerator(models.Of(false));
        var metadata = generator.GetRequiredService<EmbeddingGeneratorMetadata>();
        Assert.Equal(("sktuning", "tiny", 256), (metadata.ProviderName, metadata.DefaultModelId, metadata.DefaultModelDimensions));
        Assert.Same(models.Of(false), generator.GetService<FrozenModel>());
        Assert.Same(generator, generator.GetService<FrozenEmbeddingGenerator>());
        Assert.Null(generator.GetService(typeof(FrozenModel), "a key"));
        var one = await generator.GenerateAsync("a parcel", new() { ModelId = "tiny", Dimensions = 256 });
        Assert.Equal("tiny", one.ModelId);
        Assert.Empty(await generator.GenerateAsync([]));
    }

    [Fact]
    public async Task What_the_model_cannot_do_is_refused()
    {
        using var generator = new FrozenEmbeddingGenerator(models.Of(false));
        Assert.Equal("EmbeddingGenerationOptions.Dimensions is 64, expected 256, the size of the model's states.",
            (await Assert.ThrowsAsync<SkTuningException>(() => generator.GenerateAsync(Texts, new() { Dimensions = 64 }))).Message);
        Assert.Equal("EmbeddingGenerationOptions.ModelId is text-embedding-3-small, expected tiny, the model of the generator.",
            (await Assert.ThrowsAsync<SkTuningException>(() => generator.GenerateAsync(Texts, new() { ModelId = "text-embedding-3-small" }))).Message);
        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["a", null!]));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generator.GenerateAsync(Texts, cancellationToken: new(canceled: true)));
        Assert.Equal("FrozenEmbeddingOptions.MaxTokens is 513, expected 1 to 512, the context of the model.",
            Assert.Throws<SkTuningException>(() => new FrozenEmbeddingGenerator(models.Of(false), new() { MaxTokens = 513 })).Message);
    }

    [Fact]
    public async Task Calls_at_the_same_time_give_the_same_vectors()
    {
        using var generator = new FrozenEmbeddingGenerator(models.Of(false));
        var expected = (await generator.GenerateAsync(Texts)).Select(e => e.Vector.ToArray()).ToArray();
        var calls = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => generator.GenerateAsync(Texts)));
        Assert.All(calls, call => Assert.All(call.Zip(expected), p => Assert.Equal(p.Second, p.First.Vector.ToArray())));
    }

    /// <summary>Computes a vector from the tokens of one text, without a batch, a mask or the encoder of texts.</summary>
    private static double[] Direct(FrozenModel model, string text, Pooling pooling, bool normalize)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var ids = model.Tokenizer.EncodeIds(text, addSpecialTokens: true);
        if (ids.Length == 0) ids = [TextEncoder.Filler(model.Tokenizer)];
        var states = model.Transformer.Forward(new() { Ids = tensor([.. ids.Select(i => (long)i)]).unsqueeze(0) }).Text[0].to_type(ScalarType.Float64);
        var pooled = pooling switch { Pooling.Last => states[-1], Pooling.First => states[0], _ => states.mean([0L]) };
        var values = pooled.data<double>().ToArray();
        var length = normalize ? Math.Sqrt(values.Sum(v => v * v)) : 1;
        return [.. values.Select(v => v / length)];
    }

    private static double Length(ReadOnlyMemory<float> vector) => Math.Sqrt(vector.ToArray().Sum(v => (double)v * v));

    private static double Cosine(ReadOnlyMemory<float> a, ReadOnlyMemory<float> b) => a.ToArray().Zip(b.ToArray(), (x, y) => (double)x * y).Sum();

    /// <summary>A causal model and an encoder.</summary>
    public sealed class Models : IDisposable
    {
        private readonly FrozenModel _causal = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });

        private readonly WordBase _encoder = new("bert", "mlm");

        public FrozenModel Of(bool encoder) => encoder ? _encoder.Model : _causal;

        public void Dispose()
        {
            _causal.Dispose();
            _encoder.Dispose();
        }
    }
}

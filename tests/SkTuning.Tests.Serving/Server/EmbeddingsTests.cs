using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using SkTuning.Serving;

namespace SkTuning.Tests.Server;

/// <summary>The requests and answers of OpenAI's embeddings, over vectors that only name their text.</summary>
[Collection(MicroAdapters.Collection)]
public sealed class EmbeddingsTests(MicroAdapters adapters)
{
    [Fact]
    public async Task Vectors_are_in_the_order_of_the_texts_in_both_encodings()
    {
        await using var server = await RunningServer.StartAsync(adapters, o => o, new Lengths());
        var answer = await server.PostAsync("/v1/embeddings", """{"input":["abc","a"],"model":"text-embedding-3-small","user":"u"}""");
        Assert.Equal(("list", "text-embedding-3-small"), ((string)answer["object"]!, (string)answer["model"]!));
        Assert.Equal([0, 1], answer["data"]!.AsArray().Select(d => (int)d!["index"]!));
        Assert.Equal([3f, 0.5f], answer["data"]![0]!["embedding"]!.AsArray().Select(v => (float)v!));
        Assert.Equal(4, (int)answer["usage"]!["prompt_tokens"]!);
        var encoded = await server.PostAsync("/v1/embeddings", """{"input":"ab","encoding_format":"base64"}""");
        Assert.Equal([2f, 0.5f], MemoryMarshal.Cast<byte, float>(Convert.FromBase64String((string)encoded["data"]![0]!["embedding"]!)).ToArray());
    }

    [Theory]
    [InlineData("{}", 400)]
    [InlineData("""{"input":[]}""", 400)]
    [InlineData("""{"input":[1,2]}""", 400)]
    [InlineData("""{"input":[[1,2]]}""", 400)]
    [InlineData("""{"input":"a","encoding_format":"hex"}""", 400)]
    [InlineData("""{"input":"a","dimensions":8}""", 400)]
    [InlineData("""{"input":["a","b","c"]}""", 413)]
    public async Task A_request_that_cannot_be_answered_is_refused(string body, int status)
    {
        await using var server = await RunningServer.StartAsync(adapters, o => o with { MaxTexts = 2 }, new Lengths());
        await server.PostAsync("/v1/embeddings", body, (HttpStatusCode)status);
    }

    [Fact]
    public async Task Vectors_are_those_of_the_frozen_model()
    {
        await using var server = await RunningServer.StartAsync(adapters);
        using var generator = new FrozenEmbeddingGenerator(adapters.Model);
        var expected = await generator.GenerateAsync(["a b", "c"]);
        var answer = await server.PostAsync("/v1/embeddings", """{"input":["a b","c"]}""");
        foreach (var (i, embedding) in expected.Index())
            Assert.Equal(embedding.Vector.ToArray(), answer["data"]![i]!["embedding"]!.AsArray().Select(v => (float)v!));
        Assert.Equal(expected.Usage!.InputTokenCount, (long)answer["usage"]!["total_tokens"]!);
    }

    /// <summary>The vector of a text is its length, and one half.</summary>
    private sealed class Lengths : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null,
            CancellationToken cancellationToken = default)
            => Task.FromResult(new GeneratedEmbeddings<Embedding<float>>([.. values.Select(t => new Embedding<float>(new float[] { t.Length, 0.5f }))])
            {
                Usage = new() { InputTokenCount = values.Sum(t => (long)t.Length) },
            });

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose() { }
    }
}

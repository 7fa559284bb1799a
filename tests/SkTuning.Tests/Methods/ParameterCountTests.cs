using SkTuning.Methods.AuthorsBert;
using SkTuning.Methods.AuthorsLlm;
using SkTuning.Models;

namespace SkTuning.Tests.Methods;

/// <summary>The number of values that the authors' variants train on well-known models, including the head: from shapes alone, without weights.</summary>
public sealed class ParameterCountTests
{
    [Theory]
    [InlineData(768, 12, 64, 12, 2, AuthorsPlace.Prefix, true, 2_877_699)]
    [InlineData(768, 12, 64, 12, 2, AuthorsPlace.Prompt, true, 122_115)]
    [InlineData(768, 12, 64, 12, 2, AuthorsPlace.Prefix, false, 14_175_746)]
    [InlineData(768, 12, 64, 12, 2, AuthorsPlace.Prompt, false, 592_130)]
    public void Of_their_bert(int hidden, int layers, int headSize, int tokens, int classes, AuthorsPlace place, bool pooling, long expected)
    {
        var shapes = AuthorsBertMethod.Shapes(new() { Place = place, Pooling = pooling }, Config(hidden, layers, headSize, causal: false), tokens);
        Assert.Equal(expected, Sum(shapes) + Head(hidden, classes));
    }

    [Theory]
    [InlineData(4544, 32, 64, 11, 2, AuthorsPlace.Prefix, false, 59_074)]
    [InlineData(4096, 32, 128, 20, 6, AuthorsPlace.Prefix, false, 106_502)]
    [InlineData(4096, 30, 128, 8, 2, AuthorsPlace.Prompt, false, 40_962)]
    [InlineData(4096, 32, 128, 14, 3, AuthorsPlace.Prefix, false, 69_635)]
    [InlineData(4096, 32, 128, 11, 2, AuthorsPlace.Prefix, false, 53_250)]
    [InlineData(4096, 32, 128, 11, 2, AuthorsPlace.Prefix, true, 69_634)]
    [InlineData(4096, 32, 128, 11, 2, AuthorsPlace.Prompt, true, 16_830_466)]
    public void Of_their_causal_models(int hidden, int layers, int headSize, int tokens, int classes, AuthorsPlace place, bool transform, long expected)
    {
        var shapes = AuthorsLlmMethod.Shapes(new() { Place = place, Transform = transform }, Config(hidden, layers, headSize, causal: true), tokens, hidden);
        Assert.Equal(expected, Sum(shapes) + Head(hidden, classes));
    }

    private static long Sum(IEnumerable<(string Name, long[] Shape)> shapes) => shapes.Sum(s => s.Shape.Aggregate(1L, (product, size) => product * size));

    private static long Head(long hidden, long classes) => hidden * classes + classes;

    private static ModelConfig Config(int hidden, int layers, int headSize, bool causal) => new()
    {
        Family = causal ? "llama" : "bert",
        Layers = layers,
        Hidden = hidden,
        Vocabulary = 1,
        Context = 512,
        Causal = causal,
        Norm = NormTrait.Layer(1e-5f),
        Positions = new NoPositions(),
        Attention = new() { Heads = hidden / headSize, KeyValueHeads = hidden / headSize, HeadSize = headSize },
        FeedForward = new() { Size = 4 * hidden, Activation = Activation.Gelu },
    };
}

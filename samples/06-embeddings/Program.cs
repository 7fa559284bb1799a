// Finds the messages that are most similar to a new one, by their embeddings. Any library that takes an IEmbeddingGenerator can be used in the same way.
using Microsoft.Extensions.AI;
using SkTuning;
using SkTuning.Serving;

RuntimeSettings.Start(fast: true);
var support = Path.Combine(AppContext.BaseDirectory, "assets", "data", "support");
using var model = TinyModel.Load();
var rows = RowFile.Load(Path.Combine(support, "train.tsv"));

// The embedded model is a small causal one: the mean of all tokens says more about a message than the last token.
using IEmbeddingGenerator<string, Embedding<float>> generator = new FrozenEmbeddingGenerator(model, new() { Pooling = Pooling.Mean });
var known = await generator.GenerateAsync(rows.Select(r => r.Text));
Console.WriteLine($"{known.Count} messages of {known.Usage!.InputTokenCount} tokens, {known[0].Dimensions} numbers each");

foreach (var text in new[] { "where is my parcel?", "the zip of my jacket broke after a week" })
{
    var vector = await generator.GenerateVectorAsync(text);
    Console.WriteLine(text);
    foreach (var (row, similarity) in rows.Zip(known, (r, k) => (r, Cosine(k.Vector.Span, vector.Span))).OrderByDescending(k => k.Item2).Take(3))
        Console.WriteLine($"  {similarity:F3}  {row.Label}: {row.Text}");
}

// Vectors have unit length, so the cosine is their product.
static float Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
{
    var sum = 0f;
    for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
    return sum;
}

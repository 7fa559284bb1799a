using System.Text;
using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Models.Families;

namespace SkTuning.Tests.Batches;

/// <summary>Prediction and evaluation take fewer rows at the same time where memory is short.</summary>
public sealed class PassMemoryTests
{
    private static readonly ActivationMemory Sizes = new(Config(), bytes: 4, firstLayer: 0, prefix: 10);

    [Fact]
    public void Little_memory_means_fewer_rows_and_never_none()
    {
        var row = Sizes.OfForward(1000);
        Assert.Equal(64, Rows(1L << 50, 1000));
        Assert.Equal(6, Rows(10 * row + 10, 1000));
        Assert.Equal(1, Rows(0, 1000));
    }

    [Fact]
    public void Small_batches_do_not_look_the_memory_up() => Assert.Equal(64, new PassMemory(Sizes, () => throw new InvalidOperationException()).RowsOf(1));

    [Fact]
    public void Batches_of_long_rows_are_smaller_and_all_rows_are_in_one_of_them()
    {
        EncodedRow[] rows = [.. Enumerable.Range(0, 100).Select(i => new EncodedRow(new int[i < 50 ? 100 : 1]))];
        var memory = new PassMemory(Sizes, () => 8 * Sizes.OfForward(100));
        int[][] batches = [.. BatchedPass.Batches(rows, memory)];
        Assert.Equal(Enumerable.Range(0, 100), batches.SelectMany(b => b).Order());
        Assert.Equal(4, batches[0].Length);
        Assert.Contains(batches, b => b.Length > 4);
    }

    [Fact]
    public void Batches_of_a_CPU_have_no_more_tokens_than_its_caches_hold()
    {
        EncodedRow[] rows = [.. Enumerable.Range(0, 200).Select(_ => new EncodedRow(new int[50]))];
        var most = Math.Max(512, 256 * TorchSharp.torch.get_num_threads());
        Assert.All(BatchedPass.Batches(rows, new PassMemory(Sizes, () => 1L << 50)), b => Assert.InRange(b.Length * 50, 1, most));
        Assert.Equal(64, BatchedPass.Batches(rows).First().Length);
        Assert.Equal(200, BatchedPass.Batches([.. rows.Select(_ => new EncodedRow(new int[5000]))], new PassMemory(Sizes, () => 1L << 50)).Count());
    }

    private static int Rows(long available, int tokens) => new PassMemory(Sizes, () => available).RowsOf(tokens);

    private static ModelConfig Config()
    {
        var json = ConfigJson.Parse("config.json", Encoding.UTF8.GetBytes("""{"model_type":"llama"}"""));
        return ModelFamily.Of(json).Read(json);
    }
}

using SkTuning.Batches;

namespace SkTuning.Tests.Batches;

/// <summary>A step's rows are split where that saves more padding than a further pass costs.</summary>
public sealed class LengthPartsTests
{
    private static EncodedRow Row(int tokens) => new(new int[tokens]);

    private static int[][] Lengths(int[] tokens, int mostRows = 100)
        => [.. LengthParts.Of([.. tokens.Select(Row)], mostRows).Select(p => p.Select(r => r.Tokens).ToArray())];

    [Fact]
    public void Short_rows_do_not_wait_for_long_ones()
        => Assert.Equal([[10, 10, 10, 12, 14], [90, 100]], Lengths([100, 10, 10, 12, 90, 14, 10]));

    [Fact]
    public void Little_padding_is_cheaper_than_a_pass() => Assert.Equal([[5, 6, 7, 20]], Lengths([20, 5, 7, 6]));

    [Fact]
    public void A_part_has_no_more_rows_than_fit_in_memory()
    {
        var parts = Lengths([5, 6, 7, 20, 5], 2);
        Assert.All(parts, p => Assert.InRange(p.Length, 1, 2));
        Assert.Equal([5, 5, 6, 7, 20], parts.SelectMany(p => p));
    }

    [Fact]
    public void Every_row_is_in_one_part()
    {
        int[] tokens = [.. Enumerable.Range(0, 32).Select(i => 3 + i * 37 % 101)];
        var parts = Lengths(tokens);
        Assert.Equal(tokens.Order(), parts.SelectMany(p => p));
        Assert.True(parts.Length > 1 && parts.Sum(p => 128 + p.Length * p.Max()) < 128 + 32 * tokens.Max());
    }
}

using SkTuning.Tokenizers.Regex;

namespace SkTuning.Tests.Tokenizers;

/// <summary>Sets of code points are what sets of numbers are, in the first plane and above it.</summary>
public sealed class CodePointSetTests
{
    private const int Last = 0x10FFFF;

    // Around the borders of words of 64 bits, of the first plane, and of everything.
    private static readonly int[] Edges = [.. new[] { 0, 63, 64, 0x3FF, 0xD7FF, 0xFFFF, 0x10000, 0x10040, 0x1F600, 0xFFFFF, Last }
        .SelectMany(c => new[] { c - 1, c, c + 1 }).Where(c => c is >= 0 and <= Last)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Adding_inverting_and_intersecting_are_those_of_sets(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 200; run++)
        {
            var (one, ofOne) = Draw(random);
            var (other, ofOther) = Draw(random);
            Compare(ofOne, one);
            Compare(c => !ofOne(c), one.Inverse());
            Compare(c => ofOne(c) && ofOther(c), one.And(other));
            var both = new CodePointSet();
            both.Add(one);
            both.Add(other);
            Compare(c => ofOne(c) || ofOther(c), both);
            Compare(ofOne, one);
        }
    }

    [Fact]
    public void A_condition_gives_the_code_points_that_satisfy_it()
    {
        Compare(c => c % 3 == 0, CodePointSet.Where(c => c % 3 == 0));
        Compare(c => c >= 0x10FFFE, CodePointSet.Where(c => c >= 0x10FFFE));
        Compare(c => c is 'a' or 0x1F600, CodePointSet.Of('a', 0x1F600));
        Compare(_ => false, CodePointSet.Of());
        Compare(_ => true, CodePointSet.Of().Inverse());
    }

    [Fact]
    public void Letters_without_case_are_those_of_each_other()
    {
        // The letter K, its small form, and the sign of Kelvin; of Deseret, a letter above the first plane.
        Compare(c => c is 'K' or 'k' or 0x212A or 0x10400 or 0x10428 or '1', CodePointSet.Of('k', 0x10428, '1').WithoutCase());
    }

    private static (CodePointSet Set, Func<int, bool> Contains) Draw(Random random)
    {
        var (set, ranges) = (new CodePointSet(), new List<(int First, int Last)>());
        for (var n = random.Next(5); n > 0; n--)
        {
            var (a, b) = (Edges[random.Next(Edges.Length)], random.Next(3) == 0 ? random.Next(Last + 1) : Edges[random.Next(Edges.Length)]);
            ranges.Add((Math.Min(a, b), Math.Max(a, b)));
            set.Add(Math.Min(a, b), Math.Max(a, b));
        }
        return (set, c => ranges.Any(r => c >= r.First && c <= r.Last));
    }

    private static void Compare(Func<int, bool> expected, CodePointSet set)
        => Assert.All(Edges, c => Assert.True(expected(c) == set.Contains(c), $"U+{c:X4}: expected {expected(c)}"));
}

using SkTuning.Data;

namespace SkTuning.Tests.Data;

public sealed class ShufflerTests
{
    [Fact]
    public void The_generator_produces_the_published_sequence()
    {
        // The authors' xoshiro256starstar.c with state 1, 2, 3, 4.
        var shuffler = new Shuffler(0) { State = [1, 2, 3, 4] };
        ulong[] expected = [11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600, 16172922978634559625, 8476171486693032832];
        Assert.Equal(expected, expected.Select(_ => shuffler.NextBits()));
        // splitmix64.c from seed 1234567.
        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL, 4593380528125082431UL], new Shuffler(1234567).State);
    }

    [Fact]
    public void The_order_of_a_seed_never_changes()
    {
        var items = Enumerable.Range(0, 10).ToArray();
        new Shuffler(1).Shuffle<int>(items);
        Assert.Equal(Enumerable.Range(0, 10), items.Order());
        Assert.Equal("3 6 1 5 0 9 2 8 4 7", string.Join(' ', items));
    }

    [Fact]
    public void A_saved_state_continues_the_sequence()
    {
        var first = new Shuffler(7);
        for (var i = 0; i < 5; i++) first.NextGaussian();
        var second = new Shuffler(8) { State = first.State };
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(first.NextGaussian(), second.NextGaussian());
            Assert.Equal(first.Next(1000), second.Next(1000));
        }
        Assert.ThrowsAny<SkTuningException>(() => second.State = [0, 0, 0, 0]);
        Assert.ThrowsAny<SkTuningException>(() => second.State = [1]);
    }

    [Fact]
    public void Numbers_are_distributed_as_documented()
    {
        var shuffler = new Shuffler(3);
        const int Draws = 120_000;
        var counts = new int[6];
        double sum = 0, normal = 0, squares = 0;
        for (var i = 0; i < Draws; i++)
        {
            counts[shuffler.Next(6)]++;
            var uniform = shuffler.NextDouble();
            Assert.InRange(uniform, 0, 1 - 1e-17);
            sum += uniform;
            var gaussian = shuffler.NextGaussian();
            (normal, squares) = (normal + gaussian, squares + gaussian * gaussian);
        }
        Assert.All(counts, c => Assert.InRange(c, 20_000 - 700, 20_000 + 700));   // five standard deviations
        Assert.Equal(0.5, sum / Draws, 0.005);
        Assert.Equal(0, normal / Draws, 0.015);
        Assert.Equal(1, squares / Draws, 0.025);
        Assert.Throws<ArgumentOutOfRangeException>(() => shuffler.Next(0));
        Assert.Equal(0, shuffler.Next(1));
    }
}

using System.Runtime.CompilerServices;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Tests.Native;

/// <summary>Kept numbers are not freed by the garbage collector while a native call reads them, unlike TorchSharp's own scalars.</summary>
public sealed class NumbersTests
{
    [Fact]
    public void Results_are_right_under_continuous_garbage_collection()
    {
        var done = false;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref done)) GC.Collect(0);
        });
        collector.Start();
        try
        {
            using var x = full([1], 3f.Kept());
            using var y = full([1], 0.5f.Kept());
            for (var i = 0; i < 20_000 / 4; i++)
            {
                using var scope = NewDisposeScope();
                Assert.Equal(i * 3f, (x * i.Kept()).item<float>());
                Assert.Equal(3 + 0.25f * i, x.Plus((0.25f * i).Kept()).item<float>());
                Assert.Equal(3.5f, x.Plus(y).item<float>());
                Assert.Equal(i + 4, Numbers.Range(i, i + 5, CPU)[4].item<long>());
            }
        }
        finally
        {
            Volatile.Write(ref done, true);
            collector.Join();
        }
    }

    [Fact]
    public void A_number_is_kept_until_its_thread_has_created_sixty_four_more()
    {
        // A new thread, on which no other test has created numbers.
        var (young, old) = (false, true);
        var thread = new Thread(() =>
        {
            var first = Make();
            for (var i = 0; i < 63; i++) 1.Kept();
            Collect();
            young = first.IsAlive;
            1.Kept();
            Collect();
            old = first.IsAlive;
        });
        thread.Start();
        thread.Join();
        Assert.True(young);
        Assert.False(old);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Make() => new(1.5.Kept());

        static void Collect()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    public static TheoryData<ScalarType, ScalarType, ScalarType, ScalarType, ScalarType> Kinds => new()
    {
        // tensor, times int, long, float, double
        { ScalarType.Bool, ScalarType.Int64, ScalarType.Int64, ScalarType.Float32, ScalarType.Float32 },
        { ScalarType.Int32, ScalarType.Int32, ScalarType.Int32, ScalarType.Float32, ScalarType.Float32 },
        { ScalarType.Int64, ScalarType.Int64, ScalarType.Int64, ScalarType.Float32, ScalarType.Float32 },
        { ScalarType.BFloat16, ScalarType.BFloat16, ScalarType.BFloat16, ScalarType.BFloat16, ScalarType.BFloat16 },
        { ScalarType.Float32, ScalarType.Float32, ScalarType.Float32, ScalarType.Float32, ScalarType.Float32 },
        { ScalarType.Float64, ScalarType.Float64, ScalarType.Float64, ScalarType.Float64, ScalarType.Float64 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_number_keeps_its_type(ScalarType tensor, ScalarType timesInt, ScalarType timesLong, ScalarType timesFloat, ScalarType timesDouble)
    {
        using var scope = NewDisposeScope();
        var x = ones(3, tensor);
        ScalarType[] expected = [timesInt, timesLong, timesFloat, timesDouble];
        Assert.Equal(expected, [(x * 2.Kept()).dtype, (x * 2L.Kept()).dtype, (x * 2.5f.Kept()).dtype, (x * 2.5.Kept()).dtype]);
        Assert.Equal(expected, [x.Plus(2.Kept()).dtype, x.Plus(2L.Kept()).dtype, x.Plus(2.5f.Kept()).dtype, x.Plus(2.5.Kept()).dtype]);
    }

    [Fact]
    public void The_replacements_have_bit_identical_results()
    {
        using var scope = NewDisposeScope();
        var (x, y, rows) = (randn(5, 7), randn(5, 7), zeros(5, 7).bernoulli_(0.5).to_type(ScalarType.Int64));
        Fixtures.AssertSame(x + y, x.Plus(y), "x + y");
        Fixtures.AssertSame(x + 0.1, x.Plus(0.1.Kept()), "x + 0.1");
        Fixtures.AssertSame(rows + 3, rows.Plus(3.Kept()), "rows + 3");
        Fixtures.AssertSame(rows + x, rows.Plus(x), "rows + x");
        Fixtures.AssertSame(x.square(), x.Squared(), "square");
        Fixtures.AssertSame(x + y, x.clone().Plus_(y), "x += y");
        Fixtures.AssertSame(x + 0.1, x.clone().Plus_(0.1.Kept()), "x += 0.1");
        Fixtures.AssertSame(arange(3, 9, ScalarType.Int64), Numbers.Range(3, 9, CPU), "arange");
    }
}

using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Tests.Native;

/// <summary>Passes use as many threads as their size and other callers leave room for. Afterwards, the thread has its own setting again.</summary>
[Collection(Alone.Name)]
public sealed class PassThreadsTests : IDisposable
{
    private const long Small = 1, Large = 1L << 50;

    private readonly int _before = get_num_threads();

    public PassThreadsTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the functions of OpenMP and MKL are searched on Linux only");
        set_num_threads(4);
    }

    [Fact]
    public void A_small_pass_runs_on_one_thread_and_a_large_one_on_all()
    {
        using (PassThreads.For(Small)) Assert.Equal(1, get_num_threads());
        Assert.Equal(4, get_num_threads());
        using (PassThreads.For(Large)) Assert.Equal(4, get_num_threads());
        using (PassThreads.For(0)) Assert.Equal(4, get_num_threads());
    }

    [Fact]
    public void A_pass_between_gets_some_threads()
    {
        var chosen = Enumerable.Range(0, 40).SelectMany(i => (int[])[Chosen(2L << i), Chosen(3L << i)]).ToList();
        Assert.Equal(chosen.Order(), chosen);
        Assert.Contains(2, chosen);
        Assert.Equal((1, 4), (chosen[0], chosen[^1]));

        static int Chosen(long operations)
        {
            using var limit = PassThreads.For(operations);
            return get_num_threads();
        }
    }

    [Fact]
    public void Other_threads_keep_their_setting()
    {
        using var limit = PassThreads.For(Small);
        var other = 0;
        var thread = new Thread(() => other = get_num_threads());
        thread.Start();
        thread.Join();
        Assert.Equal(4, other);
    }

    [Fact]
    public void Callers_share_the_threads_and_a_training_beside_them_has_all()
    {
        using var mine = PassThreads.Share();
        using (PassThreads.For(Large)) Assert.Equal(4, get_num_threads());
        var (shared, training) = (0, 0);
        var other = new Thread(() =>
        {
            using (PassThreads.For(Large)) training = get_num_threads();
            using var caller = PassThreads.Share();
            using var again = PassThreads.Share();                                          // a call within a call is the same caller
            using (PassThreads.For(Large)) shared = get_num_threads();
        });
        other.Start();
        other.Join();
        Assert.Equal((2, 4), (shared, training));
        using (PassThreads.For(Large)) Assert.Equal(4, get_num_threads());
    }

    public void Dispose() => set_num_threads(_before);
}

using System.Runtime.ExceptionServices;
using TorchSharp;

namespace SkTuning.Training;

/// <summary>Trainings at the same time, one on the caller's thread and each other on one of its own, with its share of the cores: one small product after another keeps one core busy, hardly two.</summary>
internal static class ParallelTrainings
{
    /// <summary>Does all of the work.</summary>
    /// <param name="shared">What the trainings share.</param>
    /// <param name="work">One training each.</param>
    /// <param name="atOnce">The most at the same time; 0: one for each of libtorch's threads. On a GPU there is one.</param>
    /// <param name="drop">Takes back what was made when another one failed.</param>
    /// <returns>What they made, in their order. The first failure, in the order of the work, is thrown when all that had begun has ended.</returns>
    public static T[] Run<T>(SharedWork shared, IReadOnlyList<Func<T>> work, int atOnce, Action<T?, Exception?> drop)
    {
        var threads = torch.get_num_threads();
        var most = shared.Model.Device.type != DeviceType.CPU ? 1 : Math.Clamp(atOnce == 0 ? threads : atOnce, 1, Math.Max(1, work.Count));
        var (made, failures, next) = (new T?[work.Count], new Exception?[work.Count], -1);
        shared.Parallel = most;
        try
        {
            Thread[] others = [.. Enumerable.Range(1, most - 1).Select(_ => new Thread(Work) { IsBackground = true })];
            foreach (var other in others) other.Start();
            Work();
            foreach (var other in others) other.Join();
        }
        finally
        {
            shared.Parallel = 1;
            shared.DisposeReplaced();
            torch.set_num_threads(threads);
        }
        var failed = Array.FindIndex(failures, f => f is not null);
        if (failed < 0) return made!;
        for (var i = 0; i < work.Count; i++)
            if (i != failed) drop(made[i], failures[i]);
        ExceptionDispatchInfo.Throw(failures[failed]!);
        return made!;

        void Work()
        {
            torch.set_num_threads(Math.Max(1, threads / most));                          // OpenMP and MKL ask the thread itself
            for (int i; (i = Interlocked.Increment(ref next)) < work.Count && failures.All(f => f is null);)
            {
                try { made[i] = work[i](); }
                catch (Exception e) { failures[i] = e; }
            }
        }
    }
}

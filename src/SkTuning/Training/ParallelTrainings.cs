using System.Runtime.ExceptionServices;
using SkTuning.Native;
using TorchSharp;

namespace SkTuning.Training;

/// <summary>
/// Runs trainings in parallel, the first one on the caller's thread and each other one on its own, with its share of the cores: a sequence of small products
/// keeps one core busy, but hardly two.
/// </summary>
internal static class ParallelTrainings
{
    /// <summary>Runs all trainings.</summary>
    /// <param name="shared">What the trainings share.</param>
    /// <param name="trainings">The trainings.</param>
    /// <param name="maxParallel">The maximum number at the same time; 0 for one on each of libtorch's threads. On a GPU it is 1.</param>
    /// <param name="discard">Disposes the result of a training, or what its exception holds, when another one failed.</param>
    /// <returns>The results, in the order of the trainings. The first failure in that order is thrown after the trainings under way have ended.</returns>
    public static T[] Run<T>(SharedWork shared, IReadOnlyList<Func<T>> trainings, int maxParallel, Action<T?, Exception?> discard)
    {
        var threads = torch.get_num_threads();
        var parallel = shared.Model.Device.type != DeviceType.CPU ? 1 : Math.Clamp(maxParallel == 0 ? threads : maxParallel, 1, Math.Max(1, trainings.Count));
        var (results, failures, next) = (new T?[trainings.Count], new Exception?[trainings.Count], -1);
        shared.Planned = parallel;
        try
        {
            var calls = CallCount.Here();
            Thread[] others = [.. Enumerable.Range(1, parallel - 1).Select(_ => new Thread(() => WorkFor(calls)) { IsBackground = true })];
            foreach (var other in others) other.Start();
            Work();
            foreach (var other in others) other.Join();
        }
        finally
        {
            shared.Planned = 1;
            torch.set_num_threads(threads);
        }
        var failed = Array.FindIndex(failures, f => f is not null);
        if (failed < 0) return results!;
        for (var i = 0; i < trainings.Count; i++)
            if (i != failed) discard(results[i], failures[i]);
        ExceptionDispatchInfo.Throw(failures[failed]!);
        return results!;

        void WorkFor(IReadOnlyList<CallCount> calls)
        {
            CallCount.Join(calls);
            try { Work(); }
            finally { CallCount.Leave(calls); }
        }

        void Work()
        {
            torch.set_num_threads(Math.Max(1, threads / parallel));                      // OpenMP and MKL have a setting per thread
            for (int i; (i = Interlocked.Increment(ref next)) < trainings.Count && failures.All(f => f is null);)
            {
                try { results[i] = trainings[i](); }
                catch (Exception e) { failures[i] = e; }
            }
        }
    }
}

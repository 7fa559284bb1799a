using SkTuning.Tasks;
using SkTuning.Training.Runs;
using SkTuning.Training;

namespace SkTuning;

/// <summary>
/// Many adapters on one loaded model, one after another or several at a time: seeds, learning rates, prompts, methods. Rows are made tokens once, prompts read once, the states below the lowest trained layer and the
/// head's features computed once; each adapter comes out as if it had been trained alone. One thread uses it at a time; <see cref="TrainAll"/> brings its own.
/// </summary>
/// <example><code>
/// using var sweep = new TuningSweep(model);
/// foreach (var rate in rates)
///     using (var trained = sweep.Train(m => TextClassifier.Train(m, rows, options with { Training = options.Training with { LearningRate = rate } })))
///         Console.WriteLine($"{rate}: {trained.Report!.DevScore}");
/// </code></example>
public sealed class TuningSweep : IDisposable
{
    private readonly SharedWork _shared;

    /// <param name="model">The base of all adapters, which must outlive the sweep.</param>
    public TuningSweep(FrozenModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _shared = new(model);
    }

    /// <summary>The base of all adapters.</summary>
    public FrozenModel Model => _shared.Model;

    internal SharedWork Shared => _shared;

    /// <summary>Trains one adapter of any task. It does not need the sweep afterwards.</summary>
    /// <param name="train">Calls a Train method with the model that it is given, on the calling thread.</param>
    public T Train<T>(Func<FrozenModel, T> train) where T : TunedAdapter
    {
        ArgumentNullException.ThrowIfNull(train);
        using (_shared.Use()) return train(Model);
    }

    /// <summary>
    /// Trains adapters of a task at the same time, each on a thread of its own with its share of the cores: on a small model that is faster than one after another on all cores. On a GPU they
    /// are trained one after another. Until it returns, libtorch's number of threads is that of one training: other work of the process should not begin meanwhile.
    /// </summary>
    /// <param name="trainings">Each calls a Train method with the model that it is given, on the thread it is called on. What they are told of (progress) must bear several threads.</param>
    /// <param name="atOnce">The most at the same time, each of which needs memory for its activations; 0: as many as libtorch has threads.</param>
    /// <returns>The adapters in the order of their trainings.</returns>
    /// <exception cref="Exception">What the first of the trainings that failed threw, when those under way have ended; none begins any more, and what the others made is disposed.</exception>
    public IReadOnlyList<T> TrainAll<T>(IReadOnlyList<Func<FrozenModel, T>> trainings, int atOnce = 0) where T : TunedAdapter
    {
        ArgumentNullException.ThrowIfNull(trainings);
        ArgumentOutOfRangeException.ThrowIfNegative(atOnce);
        return SideBySide.Run<T>(_shared, [.. trainings.Select(t => (Func<T>)(() => t(Model)))], atOnce, (made, failure) =>
        {
            made?.Dispose();
            ((failure as TrainingCanceledException)?.SoFar ?? (failure as TrainingDivergedException)?.SoFar)?.Dispose();
        });
    }

    /// <summary>The learning rates that <see cref="FindLearningRate"/> tries when none are given: a factor of about three between each and the next.</summary>
    public static IReadOnlyList<double> CommonRates { get; } = [3e-4, 1e-3, 3e-3, 1e-2, 3e-2];

    /// <summary>
    /// A short range test: trains with each rate for a few steps, from the same start, with the schedule drawn together to these, and takes the rate with the least loss on dev. A rate that
    /// diverges is out.
    /// </summary>
    /// <param name="train">Trains with the options that it is given.</param>
    /// <param name="options">The options of the run that is to come; its rate is not looked at.</param>
    /// <param name="rates">Rates to try, in ascending order. Null: <see cref="CommonRates"/>.</param>
    /// <param name="steps">Steps with each. Default: 60, at most those of the run.</param>
    /// <param name="atOnce">How many rates are tried at the same time, as in <see cref="TrainAll"/>. Default: 1.</param>
    /// <exception cref="SkTuningException">Every rate diverged.</exception>
    public double FindLearningRate(Func<FrozenModel, TrainingOptions, TunedAdapter> train, TrainingOptions options, IReadOnlyList<double>? rates = null, int steps = 60, int atOnce = 1)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(options);
        rates ??= CommonRates;
        ArgumentOutOfRangeException.ThrowIfNegative(atOnce);
        var losses = SideBySide.Run<double>(_shared, [.. rates.Select(rate => (Func<double>)(() => Loss(rate)))], atOnce, (_, _) => { });
        var best = rates.Zip(losses).Where(r => double.IsFinite(r.Second)).OrderBy(r => r.Second).Select(r => (double?)r.First).FirstOrDefault();
        return best ?? throw new SkTuningException($"Training diverged with every learning rate that was tried ({string.Join(", ", rates)}): look at the rows, or give smaller rates.");

        double Loss(double rate)
        {
            var test = options with { LearningRate = rate, MaxSteps = Math.Min(steps, options.MaxSteps ?? steps), RunFolder = null, Resume = false, Metric = Tasks.Objective.LossMetric, Patience = 0 };
            try
            {
                using var trained = train(Model, test);
                // The head alone is the same start for all of them.
                return trained.Report!.Epochs.Where(e => e.Epoch > 0).Select(e => e.DevLoss).LastOrDefault(double.NaN);
            }
            catch (TrainingDivergedException e)
            {
                e.SoFar.Dispose();
                return double.NaN;
            }
            catch (TrainingCanceledException e)
            {
                e.SoFar.Dispose();
                throw;
            }
        }
    }

    /// <summary>Lets go of what was shared; the adapters stay.</summary>
    public void Dispose() => _shared.Dispose();
}

using SkTuning.Models;
using SkTuning.Training;

namespace SkTuning.Inference;

/// <summary>
/// Many adapters, one after another, on one loaded model: seeds, learning rates, prompts, methods. Rows are made tokens once, prompts read once, the states below the lowest trained layer and the
/// head's features computed once; each adapter comes out as if it had been trained alone. One thread uses it at a time.
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
    /// <exception cref="SkTuningException">Every rate diverged.</exception>
    public double FindLearningRate(Func<FrozenModel, TrainingOptions, TunedAdapter> train, TrainingOptions options, IReadOnlyList<double>? rates = null, int steps = 60)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(options);
        rates ??= CommonRates;
        (double Rate, double Loss)? best = null;
        foreach (var rate in rates)
        {
            var test = options with { LearningRate = rate, MaxSteps = Math.Min(steps, options.MaxSteps ?? steps), RunFolder = null, Resume = false, Metric = Tasks.Objective.LossMetric, Patience = 0 };
            try
            {
                using var trained = Train(m => train(m, test));
                // The head alone is the same start for all of them.
                var loss = trained.Report!.Epochs.Where(e => e.Epoch > 0).Select(e => e.DevLoss).LastOrDefault(double.NaN);
                if (double.IsFinite(loss) && (best is null || loss < best.Value.Loss)) best = (rate, loss);
            }
            catch (TrainingDivergedException e) { e.SoFar.Dispose(); }
            catch (TrainingCanceledException e)
            {
                e.SoFar.Dispose();
                throw;
            }
        }
        return best?.Rate ?? throw new SkTuningException($"Training diverged with every learning rate that was tried ({string.Join(", ", rates)}): look at the rows, or give smaller rates.");
    }

    /// <summary>Lets go of what was shared; the adapters stay.</summary>
    public void Dispose() => _shared.Dispose();
}

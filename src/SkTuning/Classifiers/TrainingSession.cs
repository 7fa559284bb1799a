using System.Globalization;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Tasks;
using SkTuning.Training;

namespace SkTuning;

/// <summary>
/// Several training runs on one loaded model that share work, one after another or in parallel: seeds, learning rates, prompts, methods. Rows are tokenized
/// once, prompts are read once, and the states below the lowest trained layer and the head's features are computed once. Each adapter is the same as if it had
/// been trained alone, and does not need the session afterwards.
/// </summary>
/// <example><code>
/// using var session = new TrainingSession(model);
/// foreach (var rate in rates)
///     using (var trained = TextClassifier.Train(session, rows, options with { Training = options.Training with { LearningRate = rate } }))
///         Console.WriteLine($"{rate}: {trained.Report!.DevScore}");
/// </code></example>
public sealed class TrainingSession : IDisposable
{
    /// <summary>Starts a session.</summary>
    /// <param name="model">The base of all adapters, which must outlive the session.</param>
    public TrainingSession(FrozenModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Shared = new(model, this);
    }

    /// <summary>Gets the base of all adapters.</summary>
    public FrozenModel Model => Shared.Model;

    internal SharedWork Shared { get; }

    /// <summary>
    /// Trains adapters in parallel, each on its own thread with its share of the cores. On a small model this is faster than one after another
    /// on all cores. On a GPU they are trained one after another. Until the method returns, libtorch's number of threads is that of one
    /// training: do no other work in the process meanwhile.
    /// </summary>
    /// <param name="trainings">
    /// The training runs. Each calls a Train method with the session that it receives, on the thread it is called on. Progress that they share must be
    /// thread-safe.
    /// </param>
    /// <param name="maxParallel">
    /// The maximum number of training runs at the same time, each of which needs memory for its activations. The default is 0: as many as libtorch has threads.
    /// </param>
    /// <returns>The adapters, in the order of the training runs.</returns>
    /// <exception cref="Exception">
    /// A training run failed. This is the exception of the first one that did; the runs under way are completed, no other one is
    /// started, and all results are disposed.
    /// </exception>
    public IReadOnlyList<T> TrainAll<T>(IReadOnlyList<Func<TrainingSession, T>> trainings, int maxParallel = 0) where T : TunedAdapter
    {
        ArgumentNullException.ThrowIfNull(trainings);
        ArgumentOutOfRangeException.ThrowIfNegative(maxParallel);
        using var call = Shared.Calls.Begin(Model.Calls);
        return ParallelTrainings.Run<T>(Shared, [.. trainings.Select(t => (Func<T>)(() => t(this)))], maxParallel, (made, failure) =>
        {
            made?.Dispose();
            ((failure as TrainingCanceledException)?.Result ?? (failure as TrainingDivergedException)?.Result)?.Dispose();
        });
    }

    /// <summary>Gets the learning rates that <see cref="FindLearningRate"/> tries if none are given. Each is about three times the one before.</summary>
    public static IReadOnlyList<double> CommonRates { get; } = [3e-4, 1e-3, 3e-3, 1e-2, 3e-2];

    /// <summary>
    /// Finds a learning rate by a short range test: trains with each rate for a few steps, from the same start and with the schedule compressed to these
    /// steps, and returns the rate with the lowest loss on the dev rows. A rate that diverges is excluded.
    /// </summary>
    /// <param name="train">Trains with the session and the options that it receives.</param>
    /// <param name="options">The options of the training that is to follow; its learning rate is ignored.</param>
    /// <param name="rates">The rates to try, in ascending order. The default is <see langword="null"/>: <see cref="CommonRates"/>.</param>
    /// <param name="steps">The number of steps with each rate, at most those of the training. The default is 60.</param>
    /// <param name="maxParallel">The maximum number of rates that are tried at the same time, as in <see cref="TrainAll"/>. The default is 1.</param>
    /// <exception cref="SkTuningException">Training diverged with every rate.</exception>
    public double FindLearningRate(Func<TrainingSession, TrainingOptions, TunedAdapter> train, TrainingOptions options, IReadOnlyList<double>? rates = null,
        int steps = 60, int maxParallel = 1)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(maxParallel);
        using var call = Shared.Calls.Begin(Model.Calls);
        rates ??= CommonRates;
        var losses = ParallelTrainings.Run<double>(Shared, [.. rates.Select(rate => (Func<double>)(() => Loss(rate)))], maxParallel, (_, _) => { });
        var best = rates.Zip(losses).Where(r => double.IsFinite(r.Second)).OrderBy(r => r.Second).Select(r => (double?)r.First).FirstOrDefault();
        return best ?? throw new SkTuningException($"Training diverged with every learning rate that was tried ("
            + $"{string.Join(", ", rates.Select(r => r.ToString(CultureInfo.InvariantCulture)))}): check the rows, or try smaller rates.");

        double Loss(double rate)
        {
            var test = options with
            {
                LearningRate = rate,
                MaxSteps = Math.Min(steps, options.MaxSteps ?? steps),
                DevFraction = options.DevFraction ?? TrainingPlan.DevFraction,
                RunFolder = null,
                Resume = false,
                Metric = Metric.Loss.Name,
                Patience = 0,
            };
            try
            {
                using var trained = train(this, test);
                // Epoch 0, the head alone, is the same for all rates.
                return trained.Report!.Epochs.Where(e => e.Epoch > 0).Select(e => e.DevLoss).LastOrDefault(double.NaN);
            }
            catch (TrainingDivergedException e)
            {
                e.Result.Dispose();
                return double.NaN;
            }
            catch (TrainingCanceledException e)
            {
                e.Result.Dispose();
                throw;
            }
        }
    }

    /// <summary>
    /// Searches for a prompt that is better than the written one, before training: phrases are left out, moved and added. A prompt costs one pass over the rows
    /// and a fit of the head, which is compared by its margins on the dev rows or, without dev rows, by cross-validation. The written prompt is kept unless
    /// another one is better by more than chance explains.
    /// </summary>
    /// <param name="rows">The training rows.</param>
    /// <param name="options">The options of the training that is to follow. The method must read the prompt, and the head must be semantic.</param>
    /// <param name="search">The options of the search; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels between two prompts.</param>
    /// <returns>The report, whose <see cref="TextSearchReport{T}.Chosen"/> is the prompt to train with.</returns>
    /// <exception cref="SkTuningException">The method reads no prompt, there is no prompt to start from, or an option cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The search was canceled.</exception>
    public TextSearchReport<string> FindPrompt(IEnumerable<Row> rows, TextClassifierOptions options, PromptSearchOptions? search = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        using var call = Shared.Calls.Begin(Model.Calls);
        return PromptFinding.Run(Shared, rows as IReadOnlyList<Row> ?? [.. rows], options, search ?? new(), cancellationToken);
    }

    /// <summary>
    /// Searches for texts of the labels (<see cref="AdapterOptions.LabelDescriptions"/>) that are better than the written ones, before training: texts are left
    /// out, added, and exchanged for others, such as a label's name or the text of one of its rows. Candidates are compared as in <see cref="FindPrompt"/>. The
    /// model reads the rows and each text once, so that a candidate costs a fit of the head; only where the texts are the prompt as well
    /// (<see cref="AdapterOptions.Prompt"/> is empty, and the method reads one), it also costs a pass over the rows.
    /// </summary>
    /// <param name="rows">The training rows.</param>
    /// <param name="options">The options of the training that is to follow. The head must be semantic.</param>
    /// <param name="search">The options of the search; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels between two candidates.</param>
    /// <returns>The report, whose <see cref="TextSearchReport{T}.Chosen"/> has the texts to train with.</returns>
    /// <exception cref="SkTuningException">The head does not read the texts, all rows are texts of labels, or an option cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The search was canceled.</exception>
    public TextSearchReport<IReadOnlyDictionary<string, IReadOnlyList<string>>> FindDescriptions(IEnumerable<Row> rows, TextClassifierOptions options,
        DescriptionSearchOptions? search = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        using var call = Shared.Calls.Begin(Model.Calls);
        return DescriptionFinding.Run(Shared, rows as IReadOnlyList<Row> ?? [.. rows], options, search ?? new(), cancellationToken);
    }

    /// <summary>
    /// Searches for a better in-context prompt of the method zero-shot, for which nothing is trained: phrases of the instruction are left out, swapped, and
    /// added, demonstrations are left out, swapped, and exchanged for others, and labels get other words. These are the edits of TEMPERA (arXiv 2211.11890),
    /// and its reward: the mean of the log-probability of the right label's word minus that of the best other one, times 2 where it is positive and times 1.8
    /// where it is not. A candidate costs one reading of its prompt and a pass over the dev rows or, without dev rows, over the training rows that cannot be
    /// demonstrations.
    /// </summary>
    /// <param name="rows">The training rows, from which the demonstrations are chosen.</param>
    /// <param name="options">The options, whose method is zero-shot; their prompt is the instruction to start from, which may be empty.</param>
    /// <param name="search">The options of the search; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels between two candidates.</param>
    /// <returns>The report, whose <see cref="TextSearchReport{T}.Chosen"/> is the prompt to use (<see cref="InContextPrompt.ApplyTo"/>).</returns>
    /// <exception cref="SkTuningException">The method is trained, there are no rows to try prompts on, or an option cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The search was canceled.</exception>
    public TextSearchReport<InContextPrompt> FindInContext(IEnumerable<Row> rows, TextClassifierOptions options, InContextSearchOptions? search = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        using var call = Shared.Calls.Begin(Model.Calls);
        return InContextFinding.Run(Shared, rows as IReadOnlyList<Row> ?? [.. rows], options, search ?? new(), cancellationToken);
    }

    /// <summary>
    /// Releases what was shared. The adapters are not disposed. Training runs under way end as usual, and the last of them releases what was shared; later ones
    /// throw an <see cref="ObjectDisposedException"/>.
    /// </summary>
    public void Dispose() => Shared.Dispose();
}

using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers;
using SkTuning.Data;
using SkTuning.Tasks;
using SkTuning.Training;
using SkTuning.Training.Pruning;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>A kind of task for rows of a type.</summary>
/// <typeparam name="TRow">The type of the rows: <see cref="Row"/>, or <see cref="TokenRow"/> for tagged words.</typeparam>
public abstract class TaskKind<TRow> : TaskKind, IAdapterFactory
{
    private const int RowsBetweenChecks = 1024;

    private protected TaskKind() { }

    /// <summary>Creates the task's options with their defaults.</summary>
    public abstract AdapterOptions<TRow> CreateOptions();

    /// <summary>Trains an adapter for any task. Where the task is known, use the class for it, such as <see cref="TextClassifier"/>.</summary>
    /// <param name="session">The model, and what its training runs share.</param>
    /// <param name="rows">The training rows.</param>
    /// <param name="options">Options that <see cref="CreateOptions"/> returned, with changes.</param>
    /// <param name="progress">Receives progress after every step, on the training thread.</param>
    /// <param name="cancellationToken">Cancels after the current step; <see cref="TrainingCanceledException"/> holds what was trained.</param>
    /// <exception cref="SkTuningException">An option, a row or a label cannot be used; the message names it.</exception>
    public TunedAdapter<TRow> Train(TrainingSession session, IEnumerable<TRow> rows, AdapterOptions<TRow> options, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        return Train(session.Model, session.Shared, rows, options, progress, cancellationToken);
    }

    internal TunedAdapter<TRow> Train(FrozenModel model, SharedWork? shared, IEnumerable<TRow> rows, AdapterOptions<TRow> options,
        IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        using var call = model.Calls.Begin();
        using var running = shared?.Begin();
        using var start = options.StartFrom is { } folder ? StoredAdapter.Open(folder) : null;
        var given = Read(rows, options);
        (var all, options, var outside) = SetAside(given, options);
        options = Complete(options, all);
        var choice = options.Method is AutoOptions && start is null
            ? MethodChoice.Of(model, options, this, all.Count, LabelsOf(all, options).Count)
            : null;
        if (choice is not null) options = options with { Method = choice.Method };
        var (train, dev, heldOut) = Split(all, options,
            start is null ? AdapterPlan.HeadOf(options, model, this).IsComputed : WarmStart.IsHeadAlone(start));
        if (outside.Count > 0) heldOut = Positions(given, all, heldOut);
        var definition = Define(model, start, train, dev, options);
        CheckRows(options, train.Count, dev.Count, options.Training.Folds != 0
            && (start is null ? definition.Head.IsFittedExactly : WarmStart.IsHeadAlone(start)));
        var (adapter, report) = ((AdapterModel?)null, (TrainingReport?)null);
        if (options.Prune is { } prune)
        {
            if (!UnitChoice.ReadsAdapter(prune.By)) definition = definition with { Pruning = UnitChoice.Of(prune, model, options.Training.Seed) };
            else
            {
                (adapter, var whole, report) = Fit(definition, options.Training with { Folds = 0, RunFolder = null, Resume = false }, shared, isWhole: true);
                if (Pruned(prune, adapter, ref report) is { } units)
                {
                    adapter.Dispose();
                    (adapter, definition) = (null, definition with { Pruning = units });
                }
                else definition = whole;
            }
        }
        if (adapter is null || report is null)
        {
            // What is shared was computed by the whole model.
            using var own = shared is null || definition.Pruning is null ? null : new SharedWork(model, this) { Planned = shared.Parallel };
            (adapter, definition, report) = Fit(definition, options.Training, own ?? shared, isWhole: false);
        }
        var trained = (TunedAdapter<TRow>)Open(adapter, definition with { Parameters = adapter.Definition.Parameters }, report);
        if (report.Divergence is { } divergence) throw trained.Diverged(divergence);
        return cancellationToken.IsCancellationRequested && report.WasCanceled ? throw trained.Canceled(cancellationToken) : trained;

        // The training on the whole model before units are pruned decides nothing else.
        (AdapterModel, AdapterDefinition, TrainingReport) Fit(AdapterDefinition of, TrainingOptions how, SharedWork? work, bool isWhole)
        {
            var made = new AdapterModel(model, of, work?.Inputs);
            try
            {
                if (start is not null) WarmStart.Fill(start, made.Tuned.Parameters);
                var objective = CreateObjective(of.Task, made.Labels, how.LabelSmoothing);
                var training = new AdapterTraining(objective, how, work, start is null ? null : WarmStart.Hash(start))
                {
                    Minimized = options.Objective,
                    Encode = Encoded,
                    Compares = !isWhole,
                    Decide = !isWhole && Decides(options, of) ? (scores, rows) => Decide(options, of, scores, rows) : null,
                    MustDecide = !isWhole && MustDecide(options),
                    Rejection = isWhole ? null : PlanRejection(options, outside),
                    MethodReason = choice?.Reason,
                    DistillationTexts = options.DistillationTexts ?? [],
                };
                return training.Run(made, progress, cancellationToken);
            }
            catch
            {
                made.Dispose();
                throw;
            }
        }

        // Returns null if the training on the whole model ended early: then its adapter is the result.
        PrunedUnits? Pruned(PruningOptions prune, AdapterModel whole, ref TrainingReport report)
        {
            if (report is not { WasCanceled: false, Divergence: null }) return null;
            try
            {
                return UnitChoice.Of(prune, whole, EncodeAll(whole, train, "the training rows", cancellationToken),
                    CreateObjective(definition.Task, whole.Labels), options.Training.Seed, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                report = report with { WasCanceled = true };
                return null;
            }
            catch
            {
                whole.Dispose();
                throw;
            }
        }

        TrainingRows Encoded(AdapterModel adapter)
        {
            var encoded = EncodeAll(adapter, train, "the training rows", cancellationToken);
            return new(encoded, dev.Count == 0 ? [] : EncodeAll(adapter, dev, "the dev rows", cancellationToken), heldOut)
            {
                Warnings =
                [
                    // An adapter that training continues from has learned its labels from other rows.
                    .. Warnings(adapter.Labels, train, dev), .. start is null ? RowWarnings.RareLabels(adapter.Labels, encoded) : [],
                    .. RowWarnings.FewDevRows(dev.Count), .. Warnings(definition, train),
                ],
            };
        }
    }

    private AdapterDefinition Define(FrozenModel model, StoredAdapter? start, IReadOnlyList<TRow> train, IReadOnlyList<TRow> dev,
        AdapterOptions<TRow> options)
    {
        CheckOptions(options);
        var (labels, pairs) = (LabelsOf(train, options), HavePairs([.. train, .. dev]));
        if (start is not null)
        {
            var continued = WarmStart.Define(start, model, this, options, CreateOptions(), labels, pairs);
            CheckLabels(LabelSet.InOrder(continued.Labels), options);
            return continued;
        }
        CheckLabels(labels, options);
        if (options.Method.DemonstrationsPerLabel > 0) options = options with { Prompt = Demonstrate(model, train, options, labels) };
        return AdapterPlan.Create(model, options, CreateSettings(train, options), labels, pairs);
    }

    /// <summary>Returns the prompt with training rows and their answers after it.</summary>
    private protected virtual string Demonstrate(FrozenModel model, IReadOnlyList<TRow> train, AdapterOptions<TRow> options, LabelSet labels)
        => throw new SkTuningException($"{options.Method.Name}: demonstrations need one label for each text, and the task is {Name}: set Demonstrations to 0.");

    /// <summary>Returns the given rows as a list, after a check of them and of the options of the training loop.</summary>
    private static IReadOnlyList<TRow> Read(IEnumerable<TRow> rows, AdapterOptions<TRow> options)
    {
        options.Training.Validate();
        var all = rows as IReadOnlyList<TRow> ?? [.. rows];
        if (all.Count == 0) throw new SkTuningException("There are no training rows.");
        RowCheck.NotNull(all, "the training rows");
        RowCheck.NotNull(options.Dev ?? [], "the dev rows");
        return all;
    }

    /// <summary>Returns the places of rows among the given rows, from which others were set aside.</summary>
    private static IReadOnlyList<int> Positions(IReadOnlyList<TRow> given, IReadOnlyList<TRow> all, IReadOnlyList<int> indices)
    {
        var places = new List<int>(all.Count);
        for (var i = 0; i < given.Count && places.Count < all.Count; i++)
            if (ReferenceEquals(given[i], all[places.Count])) places.Add(i);
        return [.. indices.Select(i => places[i])];
    }

    /// <summary>Returns the training rows, the dev rows that were given or held out, and the indices of those that were held out.</summary>
    /// <param name="all">The given rows.</param>
    /// <param name="options">The options.</param>
    /// <param name="isExact">The head is fitted exactly: few rows need no dev rows.</param>
    private (IReadOnlyList<TRow> Train, IReadOnlyList<TRow> Dev, IReadOnlyList<int> HeldOut) Split(IReadOnlyList<TRow> all, AdapterOptions<TRow> options,
        bool isExact)
    {
        if (options.Dev is { Count: > 0 } dev) return (all, dev, []);
        var fraction = options.Training.DevFraction ?? (isExact && all.Count < TrainingPlan.RowsToHoldOut ? 0 : TrainingPlan.DevFraction);
        if (fraction == 0) return (all, [], []);
        return HaveGroups(all) ? HoldOutGroups(all, fraction, options.Training.Seed) : HoldOut(all, fraction, options.Training.Seed);
    }

    /// <summary>True if rows belong to groups, which a split keeps together.</summary>
    private protected virtual bool HaveGroups(IReadOnlyList<TRow> rows) => false;

    /// <summary>Holds whole groups out for dev.</summary>
    private protected virtual (IReadOnlyList<TRow> Train, IReadOnlyList<TRow> Dev, IReadOnlyList<int> HeldOut) HoldOutGroups(IReadOnlyList<TRow> rows,
        double fraction, ulong seed) => HoldOut(rows, fraction, seed);

    /// <summary>Returns warnings about rows that training accepts, but that are often mistakes.</summary>
    private IEnumerable<string> Warnings(LabelSet labels, IReadOnlyList<TRow> train, IReadOnlyList<TRow> dev)
    {
        foreach (var variants in LabelNames.Variants(labels))
            yield return $"the labels {LabelNames.Shown(variants)} differ only in case, white space, or Unicode form: they are learned as different labels.";
        if (EqualTexts.Overlap(train, dev, TextKey) is { } overlap) yield return overlap;
    }

    /// <summary>Returns the key by which texts are compared (see <see cref="EqualTexts"/>).</summary>
    private protected abstract UInt128? TextKey(TRow row);

    /// <summary>Holds rows out for dev at random. Equal texts stay together.</summary>
    private protected virtual (IReadOnlyList<TRow> Train, IReadOnlyList<TRow> Dev, IReadOnlyList<int> HeldOut) HoldOut(IReadOnlyList<TRow> rows,
        double fraction, ulong seed)
    {
        var count = (int)Math.Max(1, Math.Round(fraction * rows.Count));
        if (count >= rows.Count)
            throw new SkTuningException($"There {(rows.Count == 1 ? "is 1 training row" : $"are {rows.Count} training rows")}: too few to hold some out for "
                + "dev. Add rows, or specify dev rows.");
        var isHeld = RandomUnits.HoldOut(EqualTexts.Units(rows.Count, i => TextKey(rows[i])), count, seed)
            ?? throw new SkTuningException($"The {rows.Count} training rows have the same text: expected different ones, or dev rows.");
        var chosen = isHeld.Order().ToArray();
        return ([.. rows.Where((_, i) => !isHeld.Contains(i))], [.. chosen.Select(i => rows[i])], chosen);
    }

    /// <summary>Encodes rows with their answers.</summary>
    internal virtual IReadOnlyList<EncodedRow> EncodeAll(AdapterModel adapter, IReadOnlyList<TRow> rows, string where,
        CancellationToken cancellationToken)
    {
        var encoded = new List<EncodedRow>(rows.Count);
        foreach (var row in rows)
        {
            encoded.Add(Encode(adapter, row, $"{where}, row {encoded.Count + 1}"));
            if (encoded.Count % RowsBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
        }
        return encoded;
    }

    internal abstract Type AdapterType { get; }

    Type IAdapterFactory.AdapterType => AdapterType;

    internal abstract TunedAdapter Open(AdapterModel adapter, AdapterDefinition? definition, TrainingReport? report);

    TunedAdapter IAdapterFactory.Open(AdapterModel adapter, AdapterDefinition? definition, TrainingReport? report) => Open(adapter, definition, report);

    /// <summary>Returns the labels of the training rows, in the order of the scores.</summary>
    internal abstract LabelSet LabelsOf(IReadOnlyList<TRow> train);

    /// <summary>Completes the options with what all rows say, before some are held out.</summary>
    internal virtual AdapterOptions<TRow> Complete(AdapterOptions<TRow> options, IReadOnlyList<TRow> rows) => options;

    /// <summary>Returns the labels of the training rows where the options may have a say.</summary>
    internal virtual LabelSet LabelsOf(IReadOnlyList<TRow> train, AdapterOptions<TRow> options) => LabelsOf(train);

    /// <summary>Refuses labels that nothing can be learned from.</summary>
    internal virtual void CheckLabels(LabelSet labels) { }

    /// <summary>Refuses labels that nothing can be learned from, or that the options contradict.</summary>
    internal virtual void CheckLabels(LabelSet labels, AdapterOptions<TRow> options) => CheckLabels(labels);

    /// <summary>Returns warnings of the task about rows that training accepts.</summary>
    internal virtual IEnumerable<string> Warnings(AdapterDefinition definition, IReadOnlyList<TRow> train) => [];

    /// <summary>Refuses options that do not fit the task.</summary>
    internal virtual void CheckOptions(AdapterOptions<TRow> options) { }

    /// <summary>True if the rows are pairs of texts.</summary>
    internal virtual bool HavePairs(IReadOnlyList<TRow> rows) => false;

    /// <summary>Returns the task's settings before training.</summary>
    internal abstract TaskSettings CreateSettings(IReadOnlyList<TRow> train);

    /// <summary>Returns the task's settings before training where the options may have a say.</summary>
    internal virtual TaskSettings CreateSettings(IReadOnlyList<TRow> train, AdapterOptions<TRow> options) => CreateSettings(train);

    /// <summary>Returns what the task minimizes.</summary>
    internal abstract Objective CreateObjective(TaskSettings settings, LabelSet labels, double labelSmoothing = 0);

    /// <summary>Encodes a row with its answers.</summary>
    internal abstract EncodedRow Encode(AdapterModel adapter, TRow row, string where);

    /// <summary>Sets rows aside that are not trained on, from the training rows and the dev rows.</summary>
    internal virtual (IReadOnlyList<TRow> Rows, AdapterOptions<TRow> Options, IReadOnlyList<TRow> Aside) SetAside(IReadOnlyList<TRow> rows,
        AdapterOptions<TRow> options) => (rows, options, []);

    /// <summary>Returns how the task rejects rows that belong to none of its labels; null if it does not.</summary>
    /// <param name="options">The options.</param>
    /// <param name="aside">The rows that <see cref="SetAside"/> set aside.</param>
    internal virtual RejectionPlan? PlanRejection(AdapterOptions<TRow> options, IReadOnlyList<TRow> aside) => null;

    /// <summary>True if something is decided after training, from rows that were not trained on.</summary>
    internal virtual bool Decides(AdapterOptions<TRow> options, AdapterDefinition definition) => false;

    /// <summary>True if the options ask for a decision that a training without rows to decide from cannot leave out.</summary>
    internal virtual bool MustDecide(AdapterOptions<TRow> options) => false;

    /// <summary>Refuses rows that are too few for the options.</summary>
    /// <param name="options">The options.</param>
    /// <param name="train">The number of training rows.</param>
    /// <param name="dev">The number of dev rows.</param>
    /// <param name="isCrossValidated">Without dev rows, a cross-validation takes their place.</param>
    internal virtual void CheckRows(AdapterOptions<TRow> options, int train, int dev, bool isCrossValidated) { }

    /// <summary>Decides after training.</summary>
    /// <param name="options">The options.</param>
    /// <param name="definition">The definition of the adapter.</param>
    /// <param name="scores">The scores of the rows, [M,C] on the CPU, without gradients and in a scope of the caller.</param>
    /// <param name="rows">Rows that were not trained on.</param>
    internal virtual TaskSettings Decide(AdapterOptions<TRow> options, AdapterDefinition definition, Tensor scores, IReadOnlyList<EncodedRow> rows)
        => throw new InvalidOperationException($"The task {Name} decides nothing after training.");
}

/// <summary>A kind of task for texts and pairs of texts.</summary>
internal abstract class TextTask : TaskKind<Row>
{
    internal override bool HavePairs(IReadOnlyList<Row> rows)
    {
        if (rows.Count == 0) return false;
        var pairs = rows[0].Text2 is not null;
        foreach (var (i, row) in rows.Index())
        {
            if (row.Text2 is not null == pairs) continue;
            throw new SkTuningException($"Row {i + 1} has {(pairs ? "one text" : "a second text")}, the rows before it have {(pairs ? "two" : "one")}: "
                + "expected the same in all rows, train and dev.");
        }
        return pairs;
    }

    private protected override UInt128? TextKey(Row row) => EqualTexts.Key(row);

    private protected override bool HaveGroups(IReadOnlyList<Row> rows) => rows.Any(r => r.Group is not null);

    private protected override (IReadOnlyList<Row> Train, IReadOnlyList<Row> Dev, IReadOnlyList<int> HeldOut) HoldOutGroups(IReadOnlyList<Row> rows,
        double fraction, ulong seed)
    {
        var split = Splits.Grouped(rows, fraction, seed);
        return (split.Train, split.HeldOut, split.HeldOutIndices);
    }

    /// <summary>Encodes the text or the pair, without answers.</summary>
    private protected static EncodedRow EncodeText(AdapterModel adapter, Row row)
        => adapter.Encoder.Encode(row.Text, adapter.Definition.Pairs ? row.Text2 : null) with { Group = row.Group };
}

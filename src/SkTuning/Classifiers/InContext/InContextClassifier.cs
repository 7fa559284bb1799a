using SkTuning.Adapters;
using SkTuning.Classifiers;
using SkTuning.Classifiers.InContext;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Data;
using SkTuning.Training;

namespace SkTuning;

/// <summary>
/// Classifies texts in context: a frozen causal model reads a few training rows with their labels, the demonstrations, and then the text; the label whose word
/// is the likeliest is the answer. Nothing is trained. What is learned is the order of the demonstrations for each text (POEM, arXiv 2408.07465). The
/// demonstrations are read once for each order that occurs, not for each text.
/// </summary>
/// <example><code>
/// using var classifier = InContextClassifier.Train(model, rows, new() { LabelWords = words });
/// Console.WriteLine(classifier.Predict([new Row("a charming film", "")])[0].Label);
/// </code></example>
public sealed class InContextClassifier : IDisposable
{
    /// <summary>The orders that are kept ready: all orders of 4 demonstrations.</summary>
    private const int MaxReady = 24;

    private static readonly SingleLabelTask Task = (SingleLabelTask)TaskKinds.Get(SingleLabelTask.TaskName);

    private readonly Lock _gate = new();
    private readonly FrozenModel _model;
    private readonly InContextOptions _options;
    private readonly AdapterDefinition _definition;                             // without demonstrations
    private readonly StateReader _states;
    private readonly OrderMemory _memory;
    private readonly float[][] _demonstrationStates;
    private readonly Dictionary<string, TextClassifier> _ready = new(StringComparer.Ordinal);
    private int[] _static;
    private bool _isDisposed;

    private InContextClassifier(FrozenModel model, InContextOptions options, AdapterDefinition definition, StateReader states,
        IReadOnlyList<Row> demonstrations, int[] bestStatic, CancellationToken cancellationToken)
    {
        (_model, _options, _definition, _states, _static, _memory) = (model, options, definition, states, bestStatic, new(options.MemoryLimit));
        Demonstrations = demonstrations;
        _demonstrationStates = states.Read(demonstrations, cancellationToken);
    }

    /// <summary>Gets the labels, in the order of the scores.</summary>
    public IReadOnlyList<string> Labels => _definition.Labels;

    /// <summary>Gets the demonstrations.</summary>
    public IReadOnlyList<Row> Demonstrations { get; }

    /// <summary>Gets the number of texts in the memory.</summary>
    public int MemoryCount
    {
        get { lock (_gate) return _memory.Episodes.Count; }
    }

    /// <summary>Chooses the demonstrations from training rows, and tries orders of them on the other rows.</summary>
    /// <param name="model">A causal model with an LM head, which must outlive the classifier.</param>
    /// <param name="rows">The training rows, more than there are demonstrations.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    /// <exception cref="SkTuningException">An option or a row cannot be used, or the model is not causal; the message says which.</exception>
    public static InContextClassifier Train(FrozenModel model, IEnumerable<Row> rows, InContextOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        options ??= new();
        options.Validate();
        using var call = model.Calls.Begin();
        IReadOnlyList<Row> all = [.. rows];
        RowCheck.NotNull(all, "the training rows");
        if (!model.Config.Causal)
            throw new SkTuningException($"In-context classification needs a causal model, and {model.Config.Family} is an encoder: train an adapter instead.");
        var labels = LabelSet.Of(all);
        Task.CheckLabels(labels);
        if (all.Count <= options.Demonstrations)
        {
            throw new SkTuningException($"There are {all.Count} training rows for {options.Demonstrations} demonstrations (InContextOptions.Demonstrations): "
                + "expected more rows, to try orders on.");
        }
        var definition = AdapterPlan.Create(model, Asked(options), SingleLabelTask.Untrained, labels, Task.HavePairs(all));
        // The rows of each label in rounds: the first ones have the labels in turn.
        var classes = labels.IndicesOf(all, "the training rows");
        int[] chosen = [.. Prompts.Demonstrations.Choose(classes, options.Demonstrations, options.Seed).Take(options.Demonstrations)];
        var states = StateReader.Of(model, definition, all, cancellationToken);
        var made = new InContextClassifier(model, options, definition, states, [.. chosen.Select(i => all[i])],
            [.. Enumerable.Range(0, chosen.Length)], cancellationToken);
        try
        {
            made._static = made.Try([.. all.Where((_, i) => !chosen.Contains(i))], cancellationToken);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>Loads a classifier onto the model that it was made for.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="model">The model, which must outlive the classifier.</param>
    /// <exception cref="SkTuningException">The model is a different one, or a file is missing or damaged; the message says which.</exception>
    public static InContextClassifier Load(string folder, FrozenModel model)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(model);
        using var stored = TextClassifier.Load(folder, model);
        var (file, saved) = (OrderFile.Read(folder, model.Config.Hidden, stored.Labels), stored.Definition);
        var options = new InContextOptions
        {
            Demonstrations = file.Demonstrations.Length,
            Order = file.Order,
            TriedOrders = file.TriedOrders,
            Neighbors = file.Neighbors,
            MemoryLimit = file.MemoryLimit,
            Prompt = file.Prompt,
            Template = saved.Template.ToString(),
            LabelWords = saved.Labels.Zip(saved.LabelWords ?? saved.Labels).ToDictionary(l => l.First, l => l.Second, StringComparer.Ordinal),
            Seed = file.Seed,
        };
        options.Validate();
        using var call = model.Calls.Begin();
        var definition = AdapterPlan.Create(model, Asked(options), SingleLabelTask.Untrained, saved.Labels, saved.Pairs);
        var states = StateReader.Of(model, definition, OrderFile.Floats(file.Center));
        var made = new InContextClassifier(model, options, definition, states,
            [.. file.Demonstrations.Select(r => new Row(r.Text, r.Label) { Text2 = r.Text2 })], file.BestStatic, CancellationToken.None);
        foreach (var episode in file.Memory) made._memory.Add(new(episode.Text, OrderFile.Floats(episode.State), new(episode.Rewards, StringComparer.Ordinal)));
        return made;
    }

    /// <summary>
    /// Saves the classifier. The folder is an ordinary adapter of the method zero-shot, whose prompt is the demonstrations in their best static order, and a
    /// file with the memory, <c>orders.json</c>.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="SkTuningException">The folder cannot be written.</exception>
    public void Save(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Ready(_static).Save(folder);
            new OrderFile
            {
                Prompt = _options.Prompt,
                Demonstrations = [.. Demonstrations.Select(r => new OrderFileRow(r.Text, r.Label, r.Text2))],
                Order = _options.Order,
                BestStatic = _static,
                TriedOrders = _options.TriedOrders,
                Neighbors = _options.Neighbors,
                MemoryLimit = _options.MemoryLimit,
                Seed = _options.Seed,
                Center = OrderFile.Bytes(_states.Center),
                Memory = [.. _memory.Episodes.Select(e => new OrderFileEpisode(e.Text, OrderFile.Bytes(e.State), e.Rewards))],
            }.Write(folder);
        }
    }

    /// <summary>Predicts rows, in their order; their labels are ignored.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="order">How the demonstrations are ordered. The default is <see langword="null"/>: as in the options.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    public IReadOnlyList<TextClassifierPrediction> Predict(IReadOnlyList<Row> rows, DemonstrationOrder? order = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        RowCheck.NotNull(rows, "the rows");
        if (rows.Count == 0) return [];
        using var call = _model.Calls.Begin();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var orders = Orders(rows, order ?? _options.Order, cancellationToken);
            var predictions = new TextClassifierPrediction[rows.Count];
            foreach (var same in Enumerable.Range(0, rows.Count).GroupBy(i => RankOrders.Key(orders[i]), StringComparer.Ordinal))
            {
                var answers = Ready(orders[same.First()]).Predict([.. same.Select(i => rows[i])], cancellationToken);
                foreach (var (i, answer) in same.Zip(answers)) predictions[i] = answer;
            }
            return predictions;
        }
    }

    /// <summary>Tries orders on further rows and stores what was found.</summary>
    /// <param name="rows">The rows, with labels that the classifier knows.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    /// <exception cref="SkTuningException">A label is not known.</exception>
    public void Add(IReadOnlyList<Row> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        RowCheck.NotNull(rows, "the rows");
        using var call = _model.Calls.Begin();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Try(rows, cancellationToken);
        }
    }

    /// <summary>Forgets what was found for a row.</summary>
    /// <param name="row">The row.</param>
    /// <returns>False if the row is not in the memory.</returns>
    public bool Forget(Row row)
    {
        ArgumentNullException.ThrowIfNull(row);
        lock (_gate) return _memory.Forget(KeyOf(row));
    }

    /// <summary>Releases what was kept ready; the model is not disposed.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Clear();
        }
    }

    /// <summary>Returns the order of the demonstrations for each row.</summary>
    internal int[][] Orders(IReadOnlyList<Row> rows, DemonstrationOrder order, CancellationToken cancellationToken = default)
    {
        if (order == DemonstrationOrder.BestStatic) return [.. rows.Select(_ => _static)];
        if (order == DemonstrationOrder.Random) return [.. rows.Select(row => RankOrders.Sample(Demonstrations.Count, 1, Random(KeyOf(row)))[0])];
        var last = RankOrders.MostSimilarLast(Demonstrations.Count);
        return [.. _states.Read(rows, cancellationToken).Select(state =>
            RankOrders.Decode(order == DemonstrationOrder.Memory ? _memory.Best(state, _options.Neighbors) ?? last : last, Similarities(state)))];
    }

    private int[] Try(IReadOnlyList<Row> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0) return _static;
        LabelSet.InOrder(_definition.Labels).IndicesOf(rows, "the rows");
        var states = _states.Read(rows, cancellationToken);
        OrderItem[] items = [.. rows.Zip(states, (row, state) => new OrderItem(KeyOf(row), state, Similarities(state)))];
        return OrderTrials.Run(_memory, items, Demonstrations.Count, _options.TriedOrders, new(_options.Seed), (order, chosen) =>
        {
            var tried = Ready(order).Predict([.. chosen.Select(i => rows[i])], cancellationToken);
            return [.. tried.Zip(chosen, (p, i) => p.Error is null ? p.Scores[rows[i].Label] : 0)];
        });
    }

    private double[] Similarities(float[] state) => [.. _demonstrationStates.Select(d => OrderMemory.Cosine(d, state))];

    /// <summary>The classifier that reads the demonstrations in an order.</summary>
    private TextClassifier Ready(int[] order)
    {
        if (_ready.TryGetValue(RankOrders.Key(order), out var ready)) return ready;
        if (_ready.Count == MaxReady) Clear();
        var prompt = Prompts.Demonstrations.After(_options.Prompt, order.Select(d => Demonstrations[d]).Select(row =>
            Prompts.Demonstrations.Of(_definition.Template, row.Text, row.Text2, _definition.LabelWords![Array.IndexOf(_definition.Labels, row.Label)])));
        var options = Asked(_options) with { Prompt = prompt };
        var definition = AdapterPlan.Create(_model, options, SingleLabelTask.Untrained, _definition.Labels, _definition.Pairs);
        return _ready[RankOrders.Key(order)] = new(new AdapterModel(_model, definition));
    }

    private void Clear()
    {
        foreach (var ready in _ready.Values) ready.Dispose();
        _ready.Clear();
    }

    private static TextClassifierOptions Asked(InContextOptions options) => new()
    {
        Method = new ZeroShotOptions(),
        Prompt = options.Prompt,
        Template = options.Template,
        LabelWords = options.LabelWords,
        Training = new() { Seed = options.Seed },
    };

    private static string KeyOf(Row row) => row.Text2 is null ? row.Text : $"{row.Text}\u001f{row.Text2}";

    /// <summary>Random numbers that depend on the text alone, not on the texts that are predicted with it.</summary>
    private Shuffler Random(string key)
    {
        var hash = 14695981039346656037UL ^ _options.Seed;                      // FNV-1a
        foreach (var c in key) hash = unchecked((hash ^ c) * 1099511628211UL);
        return new(hash);
    }
}

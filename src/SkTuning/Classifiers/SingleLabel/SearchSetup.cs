using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Tasks;
using SkTuning.Training;

namespace SkTuning.Classifiers.SingleLabel;

/// <summary>What a search over texts tries its candidates on: the rows and the options of the training that is to follow.</summary>
internal sealed class SearchSetup
{
    private static readonly SingleLabelTask Task = (SingleLabelTask)TaskKinds.Get(SingleLabelTask.TaskName);

    private readonly SharedWork _shared;
    private readonly Objective _objective;

    /// <param name="shared">The model, and what its trainings share.</param>
    /// <param name="rows">The training rows.</param>
    /// <param name="options">The options of the training.</param>
    /// <param name="search">The options of the search.</param>
    public SearchSetup(SharedWork shared, IReadOnlyList<Row> rows, TextClassifierOptions options, TextSearchOptions search)
    {
        search.Validate();
        options.Training.Validate();
        RowCheck.NotNull(rows, "the training rows");
        RowCheck.NotNull(options.Dev ?? [], "the dev rows");
        (Train, var own, _) = Task.SetAside(rows, options);
        (_shared, Labels, Options) = (shared, LabelSet.Of(Train), (TextClassifierOptions)own);
        Task.CheckLabels(Labels);
        Dev = Options.Dev ?? [];
        HavePairs = Task.HavePairs([.. Train, .. Dev]);
        if (Options.Method is AutoOptions)
            Options = Options with { Method = MethodChoice.Of(shared.Model, Options, Task, Train.Count, Labels.Count).Method };
        _objective = Task.CreateObjective(SingleLabelTask.Untrained, Labels, Options.Training.LabelSmoothing);
        Margins = new(Options.Training.Folds is > 1 and var folds ? folds : Folds.Usual, Options.Training.Seed);
    }

    /// <summary>The base.</summary>
    public FrozenModel Model => _shared.Model;

    /// <summary>The training rows in scope.</summary>
    public IReadOnlyList<Row> Train { get; }

    /// <summary>The dev rows in scope; none for a cross-validation.</summary>
    public IReadOnlyList<Row> Dev { get; }

    /// <summary>The labels.</summary>
    public LabelSet Labels { get; }

    /// <summary>The options, with the method that will be trained.</summary>
    public TextClassifierOptions Options { get; }

    /// <summary>Measures heads.</summary>
    public HeadMargins Margins { get; }

    /// <summary>The kind of head.</summary>
    public HeadOptions Head => AdapterPlan.HeadOf(Options, Model, Task);

    /// <summary>Whether the rows are pairs of texts.</summary>
    public bool HavePairs { get; }

    /// <summary>Refuses an option that has something for a label that no row has.</summary>
    /// <param name="given">The labels in the option.</param>
    /// <param name="option">The name of the option.</param>
    public void RequireLabels(IEnumerable<string>? given, string option)
    {
        if (given?.Except(Labels, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw new SkTuningException($"{option} has an entry for '{unknown}', expected one of the labels: {string.Join(", ", Labels)}.");
    }

    /// <summary>Returns the definition that a training with options starts from.</summary>
    public AdapterDefinition Define(TextClassifierOptions options) => AdapterPlan.Create(Model, options, SingleLabelTask.Untrained, Labels, HavePairs);

    /// <summary>Returns the definition of a candidate; null if the model cannot read it, because it leaves no room for the texts.</summary>
    public AdapterDefinition? Candidate(TextClassifierOptions options)
    {
        try { return Define(options); }
        catch (SkTuningException) { return null; }
    }

    /// <summary>Creates the head alone of a definition. Rows that are read in the same way are tokenized once and read once in the session.</summary>
    public HeadAlone Open(AdapterDefinition definition, CancellationToken cancellationToken)
        => new(Model, definition, adapter => new(Encoded(adapter, Train, "the training rows", cancellationToken),
            Encoded(adapter, Dev, "the dev rows", cancellationToken), []), _objective, _shared);

    /// <summary>Encodes rows with their labels.</summary>
    public static IReadOnlyList<EncodedRow> Encoded(AdapterModel adapter, IReadOnlyList<Row> rows, string where, CancellationToken cancellationToken)
        => rows.Count == 0 ? [] : Task.EncodeAll(adapter, rows, where, cancellationToken);
}

using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// A head that is fitted while nothing else is trained. With the method probe, that is what an adapter must be better than, and what is kept in its place if it
/// is not.
/// </summary>
internal sealed class HeadAlone : IDisposable
{
    private readonly SemanticFit _fit;
    private readonly TrainingRows _rows;
    private Tensor? _states, _devStates;
    private bool _isKept;

    /// <param name="model">The base.</param>
    /// <param name="definition">The adapter, whose method is not trained.</param>
    /// <param name="encode">Encodes the rows for an adapter.</param>
    /// <param name="objective">The task.</param>
    /// <param name="shared">What is shared with other trainings; null if nothing is.</param>
    public HeadAlone(FrozenModel model, AdapterDefinition definition, Func<AdapterModel, TrainingRows> encode, Objective objective, SharedWork? shared)
    {
        Adapter = new(model, definition, shared?.Inputs);
        try
        {
            _rows = encode(Adapter);
            _fit = new(Adapter.Tuned, (FittedHead)Adapter.Tuned.Head, objective, AdapterTraining.LabelTexts(Adapter), Adapter.Model.Device, shared);
        }
        catch
        {
            Adapter.Dispose();
            throw;
        }
    }

    /// <summary>The adapter.</summary>
    public AdapterModel Adapter { get; }

    /// <summary>The rows.</summary>
    public TrainingRows Rows => _rows;

    /// <summary>Fits the head to all training rows.</summary>
    /// <param name="texts">The states of the texts of each label; null for the texts of the definition.</param>
    /// <param name="cancellationToken">Ends the fit with an exception.</param>
    public void Fit(IReadOnlyList<Tensor>? texts, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        _fit.Fit(States(cancellationToken), _rows.Train, texts ?? _fit.TextStates(cancellationToken), isFirst: true, cancellationToken);
    }

    /// <summary>Returns the scores of the dev rows, [M,C] on the CPU; the caller's scope owns them. The model reads each row once.</summary>
    public Tensor DevScores(CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        _devStates ??= _fit.States(_rows.Dev, TokenBatch.Of, mayShare: true, cancellationToken, "dev rows").DetachFromDisposeScope();
        return Scores(_devStates, _rows.Dev).MoveToOuterDisposeScope();
    }

    /// <summary>Returns the states of texts, each [n,D] fp64 on the CPU; the caller's scope owns them.</summary>
    public IReadOnlyList<Tensor> StatesOf(IEnumerable<string> texts, CancellationToken cancellationToken)
        => _fit.TextStates([.. texts.Select(t => Adapter.Encoder.Encode(t).Sequences)], cancellationToken);

    /// <summary>
    /// Returns the scores of each training row by a head that was fitted to the other parts, [N,C] on the CPU, in the caller's scope. The model reads each row
    /// once. The head is then that of the last part: see <see cref="Fit"/>.
    /// </summary>
    /// <param name="folds">The indices of the rows of each part.</param>
    /// <param name="texts">The states of the texts of each label; null for the texts of the definition.</param>
    /// <param name="cancellationToken">Ends the fits with an exception.</param>
    public Tensor OutOfFold(IReadOnlyList<int[]> folds, IReadOnlyList<Tensor>? texts, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var states = States(cancellationToken);
        texts ??= _fit.TextStates(cancellationToken);
        var starts = new long[_rows.Train.Count + 1];
        foreach (var (i, row) in _rows.Train.Index()) starts[i + 1] = starts[i] + row.Sequences.Count;
        var scores = zeros(_rows.Train.Count, Adapter.Labels.Count);
        foreach (var fold in folds)
        {
            var held = fold.ToHashSet();
            int[] rest = [.. Enumerable.Range(0, _rows.Train.Count).Where(i => !held.Contains(i))];
            _fit.Fit(Of(rest), Some(rest), texts, isFirst: true, cancellationToken);
            scores.index_copy_(0, tensor(fold.Select(i => (long)i).ToArray()), Scores(Of(fold), Some(fold)));
        }
        return scores.MoveToOuterDisposeScope();

        Tensor Of(int[] rows)
            => states.index_select(0, tensor(rows.SelectMany(i => Enumerable.Range(0, (int)(starts[i + 1] - starts[i])).Select(s => starts[i] + s)).ToArray()));

        IReadOnlyList<EncodedRow> Some(int[] rows) => [.. rows.Select(i => _rows.Train[i])];
    }

    /// <summary>Returns the scores of rows whose states, [M,D] fp64, are known.</summary>
    private Tensor Scores(Tensor states, IReadOnlyList<EncodedRow> rows)
        => WindowMeans.OfRows(Adapter.Tuned.Readout(states.to_type(ScalarType.Float32).to(Adapter.Model.Device)).cpu(), rows);

    /// <summary>The states of the training rows, which are computed once.</summary>
    private Tensor States(CancellationToken cancellationToken)
        => _states ??= _fit.States(_rows.Train, TokenBatch.Of, mayShare: true, cancellationToken).DetachFromDisposeScope();

    /// <summary>Leaves the adapter to the caller.</summary>
    public AdapterModel Keep()
    {
        _isKept = true;
        return Adapter;
    }

    public void Dispose()
    {
        _states?.Dispose();
        _devStates?.Dispose();
        if (!_isKept) Adapter.Dispose();
    }
}

using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Classifiers.InContext;

/// <summary>
/// Reads the states of texts, by which they are compared: the mean of the frozen model's last states, minus the mean over the training rows. Without that, the
/// states of a causal model all point in nearly the same direction.
/// </summary>
internal sealed class StateReader
{
    private readonly FrozenModel _model;
    private readonly AdapterDefinition _definition;

    private StateReader(FrozenModel model, AdapterDefinition definition)
    {
        _model = model;
        _definition = AdapterPlan.Create(model, new TextClassifierOptions { Method = new ProbeOptions() }, SingleLabelTask.Untrained, definition.Labels,
            definition.Pairs);
    }

    /// <summary>What is subtracted from each state.</summary>
    public float[] Center { get; private init; } = [];

    /// <summary>Creates a reader for texts like those of training rows.</summary>
    public static StateReader Of(FrozenModel model, AdapterDefinition definition, IReadOnlyList<Row> rows, CancellationToken cancellationToken)
    {
        var states = new StateReader(model, definition).Read(rows, cancellationToken);
        return Of(model, definition, [.. Enumerable.Range(0, states[0].Length).Select(d => (float)states.Average(s => (double)s[d]))]);
    }

    /// <summary>Creates a reader with a center that was read from a file.</summary>
    public static StateReader Of(FrozenModel model, AdapterDefinition definition, float[] center) => new(model, definition) { Center = center };

    public float[][] Read(IReadOnlyList<Row> rows, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var adapter = new AdapterModel(_model, _definition);
        EncodedRow[] encoded = [.. rows.Select(row => adapter.Encoder.Encode(row.Text, _definition.Pairs ? row.Text2 : null))];
        var states = BatchedPass.Collect(encoded, _model.Device, adapter.Tuned.BakedFeatures, CPU, memory: adapter.Tuned.PassMemory,
            cancellationToken: cancellationToken).to_type(ScalarType.Float32);
        Finite.Require(states, encoded, "rows", _model.Transformer.ComputesInHalf);
        var size = (int)states.shape[1];
        return [.. states.contiguous().data<float>().ToArray().Chunk(size)
            .Select(s => Center.Length == 0 ? s : [.. s.Zip(Center, (value, mean) => value - mean)])];
    }
}

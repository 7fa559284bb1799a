using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// Decides, from the memory that is left, how many rows go through the model at the same time and whether layers are recomputed in the backward pass. A GPU's
/// allocator reports when it is full, and the step is then split; on a CPU the process would end.
/// </summary>
internal sealed class MemoryPlan(TunedModel model, Objective objective, TrainingOptions options, int batchSize, Device device, TrainingState state)
{
    private const double UsableFraction = 0.6;                          // the rest is for temporaries, evaluation and low estimates

    private ActivationMemory? _activations;

    /// <summary>The smallest number of rows that went through the model at the same time.</summary>
    public int RowsAtOnce { get; private set; } = batchSize;

    /// <summary>Estimated bytes that the largest step kept for its backward pass.</summary>
    public long LargestStep { get; private set; }

    /// <summary>Plans a new run.</summary>
    /// <param name="train">The training rows.</param>
    /// <param name="parallel">The number of trainings that run at the same time.</param>
    public void Start(IReadOnlyList<EncodedRow> train, int parallel)
    {
        state.MicroRows = options.MicroBatchSize;
        if (!model.HasAdapter) return;
        var recompute = options.RecomputeActivations;
        if (device.type == TorchSharp.DeviceType.CPU)
        {
            state.ActivationLimit = (long)(UsableFraction * (options.AvailableMemory ?? MachineMemory.Available()) / parallel);
            state.ActivationLimit = Math.Max(0, state.ActivationLimit.Value - OfLabelTexts(recompute == true));
            recompute ??= train.Max(r => OfRow(r, recomputed: false)) > state.ActivationLimit;
        }
        state.Recompute = recompute == true;
    }

    /// <summary>Returns the number of rows of a batch that go through the model at the same time.</summary>
    public int Split(EncodedRow[] batch)
    {
        var memory = batch.Max(r => OfRow(r, state.Recompute));
        var rows = Math.Min(state.MicroRows ?? batch.Length, batch.Length);
        if (state.ActivationLimit is { } limit) rows = (int)Math.Clamp(limit / Math.Max(1, memory), 1, rows);
        if (rows < batch.Length) RowsAtOnce = Math.Min(RowsAtOnce, rows);
        LargestStep = Math.Max(LargestStep, rows * memory);
        return rows;
    }

    /// <summary>Halves the number of rows after a step that ran out of memory.</summary>
    public void Halve(int rows) => state.MicroRows = (rows + 1) / 2;

    /// <summary>The bytes that a step keeps of a row, for all of its sequences and all that the head makes of them.</summary>
    private long OfRow(EncodedRow row, bool recomputed)
        => row.Sequences.Count * model.Head.SequencesFor(objective) * (model.FeatureLoss?.Passes ?? 1) * Activations(recomputed).OfRow(row.Ids.Length);

    /// <summary>The bytes that a step keeps of the labels' texts, which it reads beside the rows.</summary>
    private long OfLabelTexts(bool recomputed)
        => model.FeatureLoss?.LabelTexts.SelectMany(t => t).Sum(t => Activations(recomputed).OfRow(t.Ids.Length)) ?? 0;

    private ActivationMemory Activations(bool recomputed)
    {
        if (_activations?.Recomputed == recomputed) return _activations;
        var transformer = model.Transformer;
        return _activations = new(transformer.Config, transformer.ValueBytes, LowerLayerCache.LayerOf(model), model.Method.Length) { Recomputed = recomputed };
    }
}

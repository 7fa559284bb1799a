using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>One step: its rows in as many parts as memory asks for.</summary>
internal sealed partial class Trainer
{
    /// <summary>What is drawn at random comes from one generator of the whole process: of several trainings at the same time one draws.</summary>
    private static readonly Lock Drawing = new();

    private void Step(TrainingStep taker, IReadOnlyList<EncodedRow> train, int[] rows)
    {
        if (shared is not { AtOnce: > 1 } || _draws == false)
        {
            Take(taker, train, rows);
            return;
        }
        lock (Drawing)
        {
            var seed = StepSeed;
            Take(taker, train, rows);
            if (_draws is not null) return;
            using var after = random.get_rng_state();
            random.manual_seed(seed);
            using var untouched = random.get_rng_state();
            _draws = !after.bytes.SequenceEqual(untouched.bytes);
        }
    }

    /// <summary>What is left out at random depends on seed and step alone: a step that is repeated, or taken in another process, leaves out the same.</summary>
    private long StepSeed => unchecked((long)(options.Seed * 0x9E3779B97F4A7C15 + (ulong)_state.Step));

    private void Take(TrainingStep taker, IReadOnlyList<EncodedRow> train, int[] rows)
    {
        var figures = default((double Loss, double Norm)?);
        Tensor? later = null;
        EncodedRow[] chosen = [.. rows.Select(r => train[r])];
        var memory = chosen.Max(r => RowMemory(_state.Recompute, r));
        while (figures is null && later is null)
        {
            var most = MostRows(rows.Length, memory);
            if (most < rows.Length) _fewest = Math.Min(_fewest, most);
            _largest = Math.Max(_largest, most * memory);
            try { Take(taker, chosen, most, out figures, out later); }
            catch (Exception e) when (Devices.IsOutOfMemory(e) && most > 1) { _state.MicroRows = (most + 1) / 2; }
        }
        _state.Step++;
        _state.Batch++;
        _pending.Enqueue(new(_state.Step, rows, chosen.Sum(r => (long)r.Tokens), later, figures?.Loss ?? 0, figures?.Norm ?? 0));
    }

    private void Take(TrainingStep taker, EncodedRow[] chosen, int most, out (double Loss, double Norm)? figures, out Tensor? later)
    {
        using var scope = NewDisposeScope();
        if (_draws != false) Devices.Seed(StepSeed, device);
        var rate = _schedule.At(_state.Step);
        var (adapter, head) = (rate * options.Rate, rate * (options.HeadLearningRate ?? options.Rate));
        taker.Start();
        var all = most < chosen.Length ? objective.Weight(chosen) : 0;
        Tensor? loss = null;
        foreach (var part in chosen.Chunk(most))
        {
            BeforeRows?.Invoke(part.Length);
            // Layers that ran again in the backward pass of the part before left a GPU's generator where they began.
            if (_draws != false && device.type == TorchSharp.DeviceType.CUDA) Devices.Reseed();
            using var batch = MakeBatch(part, device);
            var added = taker.Add(batch, Devices.Send(objective.Targets(part, CPU), device), all == 0 ? 1 : objective.Weight(part) / all);
            loss = loss is null ? added : loss.Plus(added);
        }
        (figures, later) = (null, null);
        if (device.type == TorchSharp.DeviceType.CPU) figures = taker.Finish(loss!, adapter, head);
        else later = taker.FinishLater(loss!, adapter, head).DetachFromDisposeScope();
    }
}

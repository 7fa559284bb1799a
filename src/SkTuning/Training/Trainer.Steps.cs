using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Takes a step, with its rows split into as many parts as memory requires.</summary>
internal sealed partial class Trainer
{
    /// <summary>The whole process has one random generator: of several trainings at the same time, only one draws from it at a time.</summary>
    private static readonly Lock Drawing = new();

    private bool? _draws;

    /// <summary>Dropout depends only on the seed and the step, so that a step that is repeated or taken by another process drops the same.</summary>
    private long StepSeed => unchecked((long)(options.Seed * 0x9E3779B97F4A7C15 + (ulong)_state.Step));

    private void Step(TrainingStep step, IReadOnlyList<EncodedRow> train, int[] rows)
    {
        if (_draws == false)
        {
            TakeStep(step, train, rows);
            return;
        }
        lock (Drawing)
        {
            var seed = StepSeed;
            TakeStep(step, train, rows);
            if (_draws is not null || device.type != DeviceType.CPU) return;
            using var after = random.get_rng_state();
            random.manual_seed(seed);
            using var untouched = random.get_rng_state();
            _draws = !after.bytes.SequenceEqual(untouched.bytes);
        }
    }

    private void TakeStep(TrainingStep step, IReadOnlyList<EncodedRow> train, int[] rows)
    {
        var figures = default((double Loss, double Norm)?);
        Tensor? later = null;
        EncodedRow[] chosen = [.. rows.Select(r => train[r])];
        while (figures is null && later is null)
        {
            var atOnce = _memory.Split(chosen);
            try { TakeParts(step, chosen, atOnce, out figures, out later); }
            catch (Exception e) when (Devices.IsOutOfMemory(e) && atOnce > 1) { _memory.Halve(atOnce); }
        }
        _state.Step++;
        _state.Batch++;
        _pending.Enqueue(new(_state.Step, rows, chosen.Sum(r => (long)r.Tokens), later, figures?.Loss ?? 0, figures?.Norm ?? 0, objective.ZeroLoss(chosen)));
    }

    private void TakeParts(TrainingStep step, EncodedRow[] chosen, int atOnce, out (double Loss, double Norm)? figures, out Tensor? later)
    {
        using var scope = NewDisposeScope();
        if (_draws != false) Devices.Seed(StepSeed, device);
        var rate = _schedule.At(_state.Step);
        var (adapter, head) = (rate * options.Rate, rate * (options.HeadLearningRate ?? options.Rate));
        step.Start();
        if (model.FeatureLoss is { } compared) compared.Seed = StepSeed;
        var parts = Parts(chosen, atOnce);
        var weight = parts.Count > 1 ? objective.Weight(chosen) : 0;
        Tensor? loss = null;
        foreach (var part in parts)
        {
            BeforeRows?.Invoke(part.Length);
            // After the previous part recomputed its layers in the backward pass, a GPU's generator is where they began.
            if (_draws != false && device.type == TorchSharp.DeviceType.CUDA) Devices.Reseed();
            using var batch = MakeBatch(part, device);
            var added = step.Add(batch, Devices.Send(objective.Targets(part, CPU), device), weight == 0 ? 1 : objective.Weight(part) / weight);
            loss = loss is null ? added : loss.Plus(added);
        }
        (figures, later) = (null, null);
        if (device.type == TorchSharp.DeviceType.CPU) figures = step.Finish(loss!, adapter, head);
        else later = step.FinishLater(loss!, adapter, head).DetachFromDisposeScope();
    }

    /// <summary>
    /// A GPU takes a step of few rows as long as one of many, and an objective that compares the rows of a step needs them together: both split only where
    /// memory is short.
    /// </summary>
    private IReadOnlyList<EncodedRow[]> Parts(EncodedRow[] chosen, int atOnce)
        => device.type == DeviceType.CPU && model.FeatureLoss is null ? LengthParts.Of(chosen, atOnce) : [.. chosen.Chunk(atOnce)];
}

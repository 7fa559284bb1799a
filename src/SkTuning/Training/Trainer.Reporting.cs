using SkTuning.Batches;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Reports on the steps: losses, progress, divergence, checkpoints.</summary>
internal sealed partial class Trainer
{
    private const string HalfAdvice = "Or use BFloat16 or Float32, whose largest numbers are larger than those of Float16.";

    private readonly Queue<PendingStep> _pending = [];
    private IProgress<TrainingProgress>? _progress;
    private TrainingDivergence? _divergence;
    private double _lastCheckpoint, _lastStep;

    /// <summary>A step whose loss and norm have not been read yet.</summary>
    private sealed record PendingStep(int Step, int[] Rows, long Tokens, Tensor? Figures, double Loss, double Norm, double ZeroLoss);

    private bool IsCheckpointDue()
        => folder is not null
            && ((options.CheckpointSteps is { } every && _state.Step % every == 0) || Elapsed - _lastCheckpoint >= options.CheckpointMinutes * 60);

    /// <summary>Reads and reports the losses and norms of all pending steps.</summary>
    /// <param name="write">Whether to write a checkpoint after the last one.</param>
    /// <param name="endOfEpoch">Evaluates the epoch; called after its last step.</param>
    /// <returns>False if one of the steps diverged.</returns>
    private bool Report(bool write = false, Func<EpochResult?>? endOfEpoch = null)
    {
        while (_pending.TryDequeue(out var step))
        {
            var (loss, norm) = Figures(step);
            _state.Note(loss, step.ZeroLoss);
            _state.Tokens += step.Tokens;
            var now = Elapsed;
            Telemetry.Step(loss, norm, step.Tokens, now - _lastStep);
            _lastStep = now;
            if (!double.IsFinite(loss) && step.Step == 1 && _state.Best is null)
            {
                DiscardPending();
                throw new SkTuningException(FormattableString.Invariant($"The loss of the first step is {loss}: ")
                    + Finite.Reason(model.Transformer.ComputesInHalf));
            }
            var isFinite = double.IsFinite(loss) && double.IsFinite(norm);
            if (!isFinite || _state.IsDiverging(options.DivergenceFactor))
                _divergence = new(step.Step, loss, norm, step.Rows) { Advice = isFinite || !model.Transformer.ComputesInHalf ? null : HalfAdvice };
            var progress = ProgressAt(step.Step, loss, norm);
            folder?.Step(progress);
            if (_divergence is not null)
            {
                DiscardPending();
                return false;
            }
            var isLast = _pending.Count == 0;
            var evaluated = isLast ? endOfEpoch?.Invoke() : null;
            if (isLast && endOfEpoch is not null && evaluated is null)
            {
                _divergence = new(step.Step, loss, norm, step.Rows)
                {
                    Advice = $"After that step, the scores of {_evaluation.NotFinite} dev rows are not finite numbers.",
                };
                return false;
            }
            var written = isLast && (write || evaluated is not null) && WriteCheckpoint();
            var error = folder?.TakeNewError();
            if (evaluated is not null || written)
                progress = progress with { CompletedEpoch = evaluated, CheckpointWritten = written, Elapsed = TimeSpan.FromSeconds(Elapsed) };
            if (error is not null) progress = progress with { RunFolderError = error };
            _progress?.Report(progress);
        }
        return true;
    }

    private static (double Loss, double Norm) Figures(PendingStep step)
    {
        if (step.Figures is null) return (step.Loss, step.Norm);
        using (step.Figures)
        {
            using var read = step.Figures.cpu();
            var values = read.data<float>().ToArray();
            return (values[0], values[1]);
        }
    }

    private void DiscardPending()
    {
        while (_pending.TryDequeue(out var step)) step.Figures?.Dispose();
    }

    private bool WriteCheckpoint()
    {
        if (folder is null) return false;
        using var activity = Telemetry.Start("checkpoint");
        var before = _state.Seconds;
        _state.Seconds = Elapsed;
        var isWritten = folder.WriteCheckpoint(_state, model.Parameters, _optimizer, _bestParameters);
        _state.Seconds = before;
        _lastCheckpoint = Elapsed;
        if (isWritten) Telemetry.Checkpoint();
        return isWritten;
    }

    private TrainingProgress ProgressAt(int step, double loss, double norm)
    {
        var elapsed = Elapsed;
        return new()
        {
            Epoch = _state.Epoch,
            Epochs = plan.Epochs,
            Step = step,
            Steps = _steps,
            Loss = loss,
            LearningRate = _schedule.At(step - 1) * options.Rate,
            GradientNorm = norm,
            Memory = Environment.WorkingSet,
            TokensPerSecond = _state.Tokens / Math.Max(elapsed, 1e-9),
            Elapsed = TimeSpan.FromSeconds(elapsed),
            Remaining = TimeSpan.FromSeconds(elapsed * (_steps - step) / step),
        };
    }
}

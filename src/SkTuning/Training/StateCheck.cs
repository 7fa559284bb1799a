namespace SkTuning.Training;

/// <summary>
/// Refuses a stored state that the run cannot have been in. The values depend on each other: one that is wrong could make the loop endless, or skip rows
/// without a word.
/// </summary>
internal static class StateCheck
{
    /// <summary>More than any run takes, and few enough that an estimate of the remaining time does not overflow.</summary>
    private const double MaxSeconds = 1e9;

    /// <param name="state">The state.</param>
    /// <param name="file">The file that it was read from.</param>
    /// <param name="plan">The plan of the run.</param>
    /// <param name="steps">The number of steps of the whole run.</param>
    /// <param name="patience">The number of epochs without a better one after which the run ends; 0 if it never ends early.</param>
    /// <exception cref="SkTuningFileException">A value is not possible; the message names it.</exception>
    public static void Require(TrainingState state, string file, TrainingPlan plan, int steps, int patience)
    {
        Whole("step", state.Step, 0, steps);
        Whole("epoch", state.Epoch, 1, plan.Epochs + 1L);
        Whole("batch", state.Batch, 0, Math.Max(0, Math.Min(plan.Batches, steps) - 1));
        var expected = Math.Min(((state.Epoch - 1L) * plan.Batches) + state.Batch, steps);
        That("step", state.Step, state.Step == expected, $"{expected}, from the epoch and the batch");
        That("lossSum", state.LossSum, double.IsFinite(state.LossSum), "a finite number");
        Whole("tokens", state.Tokens, 0, long.MaxValue);
        That("seconds", state.Seconds, state.Seconds is >= 0 and <= MaxSeconds, FormattableString.Invariant($"0 to {MaxSeconds}"));
        Whole("metricsLength", state.MetricsLength, 0, long.MaxValue);
        That("microRows", state.MicroRows, state.MicroRows is null or >= 1, "1 or more");
        That("activationLimit", state.ActivationLimit, state.ActivationLimit is null or >= 0, "0 or more");
        That("zeroLoss", state.ZeroLoss, double.IsNaN(state.ZeroLoss) || state.ZeroLoss is >= 0 and < double.PositiveInfinity, "0 or more");
        Losses("firstLosses", state.FirstLosses);
        Losses("lastLosses", state.LastLosses);
        Losses("lastZeroLosses", state.LastZeroLosses);
        Epochs(state.Epochs);
        Known("best", state.Best);
        Known("tuned", state.Tuned);
        var isOver = state.Step == steps || state.Epoch > plan.Epochs || state.IsPatienceOver(patience);
        That("finished", state.Finished, !state.Finished || isOver, "false: there are more steps");

        void Losses(string key, List<double>? losses)
        {
            That(key, losses?.Count, losses is not null && losses.Count <= Math.Min(TrainingState.Window, state.Step),
                $"a list of at most {Math.Min(TrainingState.Window, state.Step)} losses");
            That(key, "a list with a value that is not finite", losses!.All(double.IsFinite), "finite numbers");
        }

        void Epochs(List<EpochResult>? epochs)
        {
            That("epochs", "not a list of epochs", epochs is not null && epochs.All(e => e is not null), "a list of epochs");
            var numbers = epochs!.Select(e => e.Epoch).ToList();
            var isRising = numbers.Zip(numbers.Skip(1)).All(n => n.First < n.Second);
            That("epochs", $"[{string.Join(", ", numbers.Take(20))}]", isRising && numbers.All(n => n >= 0 && n < state.Epoch),
                $"rising numbers from 0 to {state.Epoch - 1}");
        }

        void Known(string key, EpochResult? epoch) => That(key, epoch, epoch is null || state.Epochs.Contains(epoch), "one of the epochs");

        void Whole(string key, long value, long min, long max) => That(key, value, value >= min && value <= max, $"{min} to {max}");

        void That(string key, object? found, bool isPossible, string expected)
        {
            if (isPossible) return;
            throw SkTuningException.BadFile(file, $"state.{key}", found is null ? "null" : FormattableString.Invariant($"{found}"), expected,
                "The file is damaged: start again in another folder.");
        }
    }
}

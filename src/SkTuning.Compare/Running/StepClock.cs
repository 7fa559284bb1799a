namespace SkTuning.Compare;

/// <summary>Measures the time of optimizer steps, excluding what happens between epochs: only a report without dev scores directly follows a step.</summary>
internal sealed class StepClock : IProgress<TrainingProgress>
{
    private TrainingProgress? _last;
    private double _seconds;
    private int _steps;

    /// <summary>The mean time of a step in seconds; null if no step could be timed separately (with one step per epoch).</summary>
    public double? SecondsPerStep => _steps > 0 ? _seconds / _steps : null;

    public void Report(TrainingProgress value)
    {
        // In each part of a cross-validation, the time starts again.
        if (value.CompletedEpoch is null && _last is { } previous && previous.Fold == value.Fold)
        {
            _seconds += (value.Elapsed - previous.Elapsed).TotalSeconds;
            _steps++;
        }
        _last = value;
    }
}

namespace SkTuning.Compare;

/// <summary>Times single optimizer steps, without what lies between epochs: only a step's report without dev figures comes right behind the step.</summary>
internal sealed class StepClock : IProgress<TrainingProgress>
{
    private TimeSpan? _last;
    private double _seconds;
    private int _steps;

    /// <summary>Mean seconds a step; null when no step could be timed alone (one step an epoch).</summary>
    public double? SecondsPerStep => _steps > 0 ? _seconds / _steps : null;

    public void Report(TrainingProgress value)
    {
        if (value.Evaluated is null && _last is { } before)
        {
            _seconds += (value.Elapsed - before).TotalSeconds;
            _steps++;
        }
        _last = value.Elapsed;
    }
}

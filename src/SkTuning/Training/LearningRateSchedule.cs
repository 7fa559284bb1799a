namespace SkTuning.Training;

/// <summary>
/// The learning rate of each step: a linear rise during the warm-up, then the given schedule, which ends at zero after the last step unless it is constant.
/// </summary>
internal sealed record LearningRateSchedule(double Peak, int WarmUp, int Steps, ScheduleKind Kind = ScheduleKind.Linear)
{
    /// <summary>Returns the rate of a step, counted from 0.</summary>
    public double At(int step)
    {
        if (step < WarmUp) return Peak * (step + 1) / WarmUp;
        if (Kind == ScheduleKind.Constant) return Peak;
        if (Kind == ScheduleKind.Linear) return Peak * Math.Max(Steps - step, 0) / Math.Max(Steps - WarmUp, 1);
        return Peak * (1 + Math.Cos(Math.PI * Math.Min(step - WarmUp, Steps - WarmUp) / Math.Max(Steps - WarmUp, 1))) / 2;
    }
}

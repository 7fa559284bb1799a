namespace SkTuning.Training;

/// <summary>Up in a straight line over the warm-up, then down in a straight line to zero behind the last step.</summary>
internal sealed record LearningRateSchedule(double Peak, int WarmUp, int Steps)
{
    /// <summary>The rate of a step, counted from 0.</summary>
    public double At(int step)
        => step < WarmUp ? Peak * (step + 1) / WarmUp : Peak * Math.Max(Steps - step, 0) / Math.Max(Steps - WarmUp, 1);
}

namespace SkTuning;

/// <summary>Specifies the course of the learning rate after the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>The learning rate falls linearly to zero.</summary>
    Linear,

    /// <summary>The learning rate falls to zero along half a cosine.</summary>
    Cosine,

    /// <summary>The learning rate stays constant.</summary>
    Constant,
}

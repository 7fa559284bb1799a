namespace SkTuning;

/// <summary>The learning rate behind the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Falls in a straight line to zero.</summary>
    Linear,

    /// <summary>Falls to zero along half a cosine.</summary>
    Cosine,

    /// <summary>Stays.</summary>
    Constant,
}

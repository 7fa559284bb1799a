namespace SkTuning.Metrics;

/// <summary>How tags mark entities.</summary>
public enum EntityScheme
{
    /// <summary>B- begins every entity, I- continues it, O is outside (also called IOB2).</summary>
    Bio2,

    /// <summary>As <see cref="Bio2"/>, with E- on the last token and S- on an entity of one token.</summary>
    Bioes,
}

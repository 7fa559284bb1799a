namespace SkTuning.Metrics;

/// <summary>Specifies how tags mark entities.</summary>
public enum EntityScheme
{
    /// <summary>B- begins every entity, I- continues it, and O is outside of entities (also called IOB2).</summary>
    Bio2,

    /// <summary>As <see cref="Bio2"/>, with E- on the last token of an entity and S- on an entity of one token.</summary>
    Bioes,
}

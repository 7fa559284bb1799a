namespace SkTuning;

/// <summary>Specifies which states of a text the head sees.</summary>
public enum Pooling
{
    /// <summary>The mean of the states of all real tokens.</summary>
    Mean,

    /// <summary>The state of the last real token.</summary>
    Last,

    /// <summary>The state of the first real token: the CLS token of an encoder.</summary>
    First,

    /// <summary>A mean of the states of all real tokens, weighted by the attention of a trained query; it starts as the plain mean.</summary>
    Attention,
}

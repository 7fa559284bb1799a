namespace SkTuning.Models;

/// <summary>What the classifiers of a family look like in other programs: transformers, PEFT and the SK-Tuning authors' code.</summary>
internal sealed record ClassifierTrait
{
    /// <summary>Reads the final states in …ForSequenceClassification; null: not supported here.</summary>
    public SequenceClassifier? Sequence { get; init; }

    /// <summary>The activation between the two linears of <see cref="SequenceClassifier.Dense"/>.</summary>
    public Activation DenseActivation { get; init; } = Activation.Tanh;

    /// <summary>The linear of …ForTokenClassification is called <c>classifier</c>, not <c>score</c>.</summary>
    public bool TokenLinearIsClassifier { get; init; }

    /// <summary>PEFT makes a prefix for every attention head, even where heads share their keys and values (falcon).</summary>
    public bool PeftPrefixForEveryHead { get; init; }

    /// <summary>The SK-Tuning authors' code drops out the prompt's word embeddings (not for bloom).</summary>
    public bool AuthorsDropWords { get; init; } = true;

    /// <summary>A decoder's, unless its family differs.</summary>
    public static ClassifierTrait Decoder { get; } = new() { Sequence = SequenceClassifier.LastToken };

    /// <summary>A decoder's whose token classifier calls its linear <c>classifier</c>.</summary>
    public static ClassifierTrait DecoderWithTokenClassifier { get; } = Decoder with { TokenLinearIsClassifier = true };

    /// <summary>An encoder's, unless its family differs.</summary>
    public static ClassifierTrait Encoder { get; } = new() { TokenLinearIsClassifier = true };
}

/// <summary>How …ForSequenceClassification of transformers reads the final states.</summary>
internal enum SequenceClassifier
{
    /// <summary>A linear without bias (<c>score</c>) on the last token that is not padding.</summary>
    LastToken,

    /// <summary>The first state through the checkpoint's own pooler and tanh, then a linear.</summary>
    Pooler,

    /// <summary>The first state through a trained dense layer and an activation, then a linear.</summary>
    Dense,
}

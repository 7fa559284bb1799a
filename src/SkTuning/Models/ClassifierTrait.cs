namespace SkTuning.Models;

/// <summary>The form of a family's classifiers in other programs: transformers, PEFT and the SK-Tuning authors' code.</summary>
internal sealed record ClassifierTrait
{
    /// <summary>How transformers' …ForSequenceClassification reads the final states; null: not supported here.</summary>
    public SequenceClassifier? Sequence { get; init; }

    /// <summary>The activation between the two linears of <see cref="SequenceClassifier.Dense"/>.</summary>
    public Activation DenseActivation { get; init; } = Activation.Tanh;

    /// <summary>Whether the linear of transformers' …ForTokenClassification is called <c>classifier</c> instead of <c>score</c>.</summary>
    public bool TokenLinearIsClassifier { get; init; }

    /// <summary>Whether PEFT makes a prefix for every attention head, even if heads share their keys and values (falcon).</summary>
    public bool PeftPrefixForEveryHead { get; init; }

    /// <summary>Whether the SK-Tuning authors' code applies dropout to the word embeddings of a prompt (not for bloom).</summary>
    public bool AuthorsDropWords { get; init; } = true;

    /// <summary>The default of decoders.</summary>
    public static ClassifierTrait Decoder { get; } = new() { Sequence = SequenceClassifier.LastToken };

    /// <summary>A decoder whose token classifier calls its linear <c>classifier</c>.</summary>
    public static ClassifierTrait DecoderWithTokenClassifier { get; } = Decoder with { TokenLinearIsClassifier = true };

    /// <summary>The default of encoders.</summary>
    public static ClassifierTrait Encoder { get; } = new() { TokenLinearIsClassifier = true };
}

/// <summary>The ways in which transformers' …ForSequenceClassification reads the final states.</summary>
internal enum SequenceClassifier
{
    /// <summary>A linear without bias (<c>score</c>) on the last token that is not padding.</summary>
    LastToken,

    /// <summary>The first state through the checkpoint's own pooler and tanh, then a linear.</summary>
    Pooler,

    /// <summary>The first state through a trained dense layer and an activation, then a linear.</summary>
    Dense,
}

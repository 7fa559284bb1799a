namespace SkTuning;

/// <summary>
/// Which words the frozen model reads in place of the prompt's: what is left of SK-Tuning when the meaning is taken away. The special tokens of the tokenizer (BOS, CLS, SEP) stay in all of them, and
/// so does the number of tokens. What is drawn follows from the adapter's seed.
/// </summary>
public enum PromptWords
{
    /// <summary>The prompt as it is written.</summary>
    AsWritten,

    /// <summary>As many tokens drawn from the vocabulary, each as likely as any other; tokens without a letter are left out.</summary>
    Random,

    /// <summary>The prompt's own tokens in another order.</summary>
    Permuted,

    /// <summary>
    /// The prompt is read as it is written; then each vector that the method sees of its tokens (word embedding, state of each layer, key and value of each head) is replaced with one of the same length
    /// in a random direction.
    /// </summary>
    Vectors,
}

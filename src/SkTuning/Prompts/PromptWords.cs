namespace SkTuning;

/// <summary>
/// Specifies what the frozen model reads in place of the words of the prompt, to measure how much of SK-Tuning's effect depends on their meaning. The special
/// tokens of the tokenizer (BOS, CLS, SEP) and the number of tokens are always kept. Random choices are determined by the adapter's seed.
/// </summary>
public enum PromptWords
{
    /// <summary>The prompt as written.</summary>
    AsWritten,

    /// <summary>The same number of tokens, drawn uniformly from the vocabulary's tokens that contain a letter.</summary>
    Random,

    /// <summary>The prompt's own tokens in random order.</summary>
    Permuted,

    /// <summary>
    /// The prompt as written. Each vector that the method receives for a token (word embedding, state of each layer, key and value of each head) is then
    /// replaced with one of the same length in a random direction.
    /// </summary>
    Vectors,
}

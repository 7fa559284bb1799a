namespace SkTuning.Tokenizers.AddedTokens;

/// <summary>A token that is searched for in the text before the model runs.</summary>
/// <param name="Content">The text of the token.</param>
/// <param name="SingleWord">Whether it matches only if no word character is next to it.</param>
/// <param name="LeftStrip">Whether it includes the white space before it.</param>
/// <param name="RightStrip">Whether it includes the white space after it.</param>
/// <param name="Normalized">Whether it is searched for in the normalized text, with its own content normalized.</param>
/// <param name="Special">Whether it is left out when decoding without special tokens.</param>
internal sealed record AddedToken(string Content, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized, bool Special);

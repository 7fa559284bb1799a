namespace SkTuning.Tokenizers.AddedTokens;

/// <summary>A token that is looked for in the text before anything else, and how.</summary>
/// <param name="Content">The text it stands for.</param>
/// <param name="SingleWord">Only where no word character touches it.</param>
/// <param name="LeftStrip">Takes the white space before it along.</param>
/// <param name="RightStrip">Takes the white space behind it along.</param>
/// <param name="Normalized">Looked for in the normalized text, and its content normalized too.</param>
/// <param name="Special">Left out when decoding without special tokens.</param>
internal sealed record AddedToken(string Content, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized, bool Special);

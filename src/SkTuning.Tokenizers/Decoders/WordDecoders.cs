using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Decoders;

/// <summary>
/// Decodes WordPiece tokens: continuing pieces are joined to the previous one, other pieces get a space before them. Clean-up removes the spaces in English
/// punctuation and contractions.
/// </summary>
internal sealed class WordPieceDecoder(string prefix, bool cleanup) : DecoderStep
{
    public override List<string> Apply(List<string> tokens, WorkBudget budget)
    {
        var result = new List<string>(tokens.Count);
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (i > 0) token = token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : " " + token;
            result.Add(cleanup ? Cleanup.Apply(token) : token);
        }
        return result;
    }
}

/// <summary>The reference library's clean-up of tokenization spaces.</summary>
internal static class Cleanup
{
    private static readonly (string Old, string New)[] Rules =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"),
        (" 're", "'re"),
    ];

    public static string Apply(string text)
    {
        foreach (var (old, with) in Rules) text = text.Replace(old, with, StringComparison.Ordinal);
        return text;
    }
}

/// <summary>Replaces word signs with spaces (Metaspace). Those of the first token are removed if the pre-tokenizer adds one at the start.</summary>
internal sealed class MetaspaceDecoder(string sign, bool prepends) : DecoderStep
{
    public override List<string> Apply(List<string> tokens, WorkBudget budget)
        => [.. tokens.Select((token, i) => token.Replace(sign, i == 0 && prepends ? "" : " ", StringComparison.Ordinal))];
}

/// <summary>Replaces word suffixes with spaces (BPE). The suffix of the last token is removed.</summary>
internal sealed class SuffixDecoder(string suffix) : DecoderStep
{
    public override List<string> Apply(List<string> tokens, WorkBudget budget)
        => [.. tokens.Select((token, i) => suffix.Length == 0 ? token : token.Replace(suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal))];
}

/// <summary>Decodes the tokens of speech models (CTC): repeated tokens are merged, padding is removed, and the delimiter becomes a space.</summary>
internal sealed class CtcDecoder(string padding, string delimiter, bool cleanup) : DecoderStep
{
    public override List<string> Apply(List<string> tokens, WorkBudget budget)
    {
        var result = new List<string>();
        string? last = null;
        foreach (var token in tokens)
        {
            if (token == last) continue;
            last = token;
            var text = padding.Length == 0 ? token : token.Replace(padding, "", StringComparison.Ordinal);
            if (cleanup) text = Cleanup.Apply(text).Replace(delimiter, " ", StringComparison.Ordinal);
            if (text.Length > 0) result.Add(text);
        }
        return result;
    }
}

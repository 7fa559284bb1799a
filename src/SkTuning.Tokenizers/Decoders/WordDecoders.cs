namespace SkTuning.Tokenizers.Decoders;

/// <summary>WordPiece: continuing pieces join, others get a space before them; English punctuation and contractions are pulled together if set.</summary>
internal sealed class WordPieceDecoder(string prefix, bool cleanup) : DecoderStep
{
    public override List<string> Apply(List<string> tokens)
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

/// <summary>What the reference calls clean-up of tokenization spaces.</summary>
internal static class Cleanup
{
    private static readonly (string Old, string New)[] Rules =
        [(" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re")];

    public static string Apply(string text)
    {
        foreach (var (old, with) in Rules) text = text.Replace(old, with, StringComparison.Ordinal);
        return text;
    }
}

/// <summary>Metaspace: word signs become spaces; those of the first token go where the pre-tokenizer put one in front.</summary>
internal sealed class MetaspaceDecoder(string sign, bool prepends) : DecoderStep
{
    public override List<string> Apply(List<string> tokens)
        => [.. tokens.Select((token, i) => token.Replace(sign, i == 0 && prepends ? "" : " ", StringComparison.Ordinal))];
}

/// <summary>BPE with a word suffix: the suffix becomes a space, and nothing at the end.</summary>
internal sealed class SuffixDecoder(string suffix) : DecoderStep
{
    public override List<string> Apply(List<string> tokens)
        => [.. tokens.Select((token, i) => suffix.Length == 0 ? token : token.Replace(suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal))];
}

/// <summary>Speech models: repeats fall together, padding goes, the delimiter becomes a space.</summary>
internal sealed class CtcDecoder(string padding, string delimiter, bool cleanup) : DecoderStep
{
    public override List<string> Apply(List<string> tokens)
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

using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Decoders;

/// <summary>
/// Decodes the characters of all tokens to the bytes that they represent. A token that contains any other character stands for itself. Bytes that are not
/// valid UTF-8 become U+FFFD.
/// </summary>
internal sealed class ByteLevelDecoder : DecoderStep
{
    public override List<string> Apply(List<string> tokens, WorkBudget budget)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            if (token.All(c => ByteAlphabet.ByteOf(c) >= 0)) bytes.AddRange(token.Select(c => (byte)ByteAlphabet.ByteOf(c)));
            else bytes.AddRange(System.Text.Encoding.UTF8.GetBytes(token));
        }
        return [System.Text.Encoding.UTF8.GetString([.. bytes])];
    }
}

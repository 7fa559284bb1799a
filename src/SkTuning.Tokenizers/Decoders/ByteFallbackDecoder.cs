using System.Globalization;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Decoders;

/// <summary>Decodes runs of byte tokens (<c>&lt;0x0A&gt;</c>). A run that is not valid UTF-8 becomes one U+FFFD per byte.</summary>
internal sealed class ByteFallbackDecoder : DecoderStep
{
    private static readonly System.Text.UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public override List<string> Apply(List<string> tokens, WorkBudget budget)
    {
        var result = new List<string>(tokens.Count);
        var run = new List<byte>();
        foreach (var token in tokens)
        {
            if (ByteOf(token) is { } b)
            {
                run.Add(b);
                continue;
            }
            Flush(run, result);
            result.Add(token);
        }
        Flush(run, result);
        return result;
    }

    private static byte? ByteOf(string token)
        => token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b) ? b : null;

    private static void Flush(List<byte> run, List<string> result)
    {
        if (run.Count == 0) return;
        try
        {
            result.Add(Strict.GetString([.. run]));
        }
        catch (System.Text.DecoderFallbackException)
        {
            result.AddRange(Enumerable.Repeat("\uFFFD", run.Count));
        }
        run.Clear();
    }
}

namespace SkTuning.Tests.Tokenizers;

/// <summary>Creates random texts from all of Unicode: words, runs, unusual white space, marks, scripts, emoji. The same seed gives the same texts.</summary>
internal static class RandomTexts
{
    private static readonly (int First, int Last)[] Ranges =
    [
        (0x20, 0x7E), (0x20, 0x7E), (0x20, 0x7E), (0, 0x1F), (0x80, 0x24F), (0x300, 0x36F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0xDFF), (0xE00, 0xEFF),
        (0x1100, 0x11FF), (0x1E00, 0x20FF), (0x2100, 0x27FF), (0x2E80, 0x33FF), (0x3400, 0x9FFF), (0xA000, 0xABFF), (0xAC00, 0xD7A3), (0xE000, 0xE0FF),
        (0xF900, 0xFFFD), (0x10000, 0x103FF), (0x10800, 0x11FFF), (0x1D000, 0x1DFFF), (0x1F000, 0x1FAFF), (0x20000, 0x2A6DF),
    ];

    private const string Common =
        " \n\t\r'.,!?-_\u00A0\u2581\u3000\u0301\u0327\u0323\u200D\u200B\uFE0FsStTlLdDmMeErRvV019\u00B2\u00BD\u2167\u4E00\u3042\u304B\u30A2" +
        "\uD55C\uAE00\u00E9\u00E8\u00FC\u00DF\u0130\u0131\u017F\u212A\uFB01\u2026";

    public static IEnumerable<string> Make(int seed, int count, bool loneSurrogates = false)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var text = new System.Text.StringBuilder();
            var home = Ranges[random.Next(Ranges.Length)];
            for (var n = random.Next(1, 40); n > 0; n--)
            {
                var pick = random.NextDouble();
                if (loneSurrogates && pick < 0.05) text.Append((char)random.Next(0xD800, 0xE000));
                else if (pick < 0.35) text.Append(Common[random.Next(Common.Length)]);
                else
                {
                    var (first, last) = pick < 0.8 ? home : Ranges[random.Next(Ranges.Length)];
                    text.Append(char.ConvertFromUtf32(random.Next(first, last + 1)));
                }
                if (pick is > 0.98 and < 0.99) text.Append(text[^1], 30);
            }
            if (loneSurrogates || IsWellFormed(text.ToString())) yield return text.ToString();
            else i--;
        }
    }

    public static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }
        return true;
    }
}

using System.Text;
using SkTuning.Tokenizers;

namespace SkTuning.Tests.Tokenizers;

/// <summary>Damaged files are either rejected with an exception that names them, or work. Anything else, such as a crash or a hang, is a failure.</summary>
public sealed class MutationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sktuning-mutations").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Two_thousand_damaged_files_neither_crash_nor_hang()
    {
        var styles = TokenizerFixture.Styles().Select(s => ("tokenizer.json", File.ReadAllBytes(TokenizerFixture.Style(s)))).ToList();
        styles.Add(("spiece.model", File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(TokenizerFixture.Style("style-xlm-roberta"))!, "spiece.model"))));
        styles.Add(("tokenizer_config.json", Encoding.UTF8.GetBytes(
            "{\"tokenizer_class\":\"LlamaTokenizer\",\"bos_token\":\"<s>\",\"eos_token\":{\"content\":\"</s>\"},\"add_bos_token\":true," +
            "\"added_tokens_decoder\":{\"0\":{\"content\":\"<unk>\",\"special\":true}},\"extra_ids\":3}")));
        var random = new Random(11);
        var (refused, worked) = (0, 0);
        for (var i = 0; i < 2_000; i++)
        {
            var (name, bytes) = styles[i % styles.Count];
            var path = Path.Combine(_folder, name);
            File.WriteAllBytes(path, Damage(bytes, random));
            if (name == "tokenizer_config.json")
                File.Copy(TokenizerFixture.Style("style-llama2"), Path.Combine(_folder, "tokenizer.json"), overwrite: true);
            var guard = new HangGuard();
            try
            {
                var tokenizer = TextTokenizer.Load(name == "tokenizer_config.json" ? _folder : path);
                foreach (var text in new[] { "", "Hello world, don't!  12345\n\n\u4E2D\u6587 e\u0301\u00DF \uD83D\uDE00 <s>[CLS]", "  \u2581a" })
                    tokenizer.Decode(tokenizer.Encode(text, "pair").Ids, skipSpecialTokens: true);
                Assert.NotEmpty(tokenizer.Fingerprint);
                worked++;
            }
            catch (SkTuningException e)
            {
                Assert.DoesNotContain('\n', e.Message);
                refused++;
            }
            guard.Check($"number {i}, {name}");
            File.Delete(path);
        }
        Assert.True(refused > 200 && worked > 100, $"{refused} refused, {worked} worked");
    }

    /// <summary>Changes bytes and values, duplicates, removes or moves parts, or truncates the file.</summary>
    private static byte[] Damage(byte[] bytes, Random random)
    {
        var list = new List<byte>(bytes);
        // The settings are at the start and at the end; the vocabulary is in the middle.
        int Somewhere() => random.Next(3) switch
        {
            0 => random.Next(Math.Min(list.Count, 2_000)),
            1 => Math.Max(0, list.Count - 1 - random.Next(2_000)),
            _ => random.Next(list.Count),
        };
        for (var n = random.Next(1, 4); n > 0 && list.Count > 10; n--)
        {
            var at = Somewhere();
            var length = Math.Min(random.Next(1, 30), list.Count - at);
            switch (random.Next(8))
            {
                case 0: list[at] = (byte)random.Next(256); break;
                case 1: list.RemoveRange(at, length); break;
                case 2: list.InsertRange(at, list.GetRange(at, length)); break;
                case 3 when random.Next(4) == 0: list.RemoveRange(at, list.Count - at); break;
                case 4: list.InsertRange(Somewhere(), list.GetRange(at, length)); break;
                default: Swap(list, at, random); break;
            }
        }
        return [.. list];
    }

    /// <summary>Replaces a value of the settings with another: true and false, numbers, types.</summary>
    private static void Swap(List<byte> list, int at, Random random)
    {
        (string, string)[] swaps =
        [
            ("true", "false"), ("false", "true"), ("null", "\"x\""), ("null", "-1"), ("\"type\"", "\"typ\""), ("Sequence", "BPE"),
            ("ByteLevel", "Metaspace"), ("Isolated", "MergedWithNext"), (":0", ":99999999999"), (": 0", ": -5"), (": 1", ": 1e308"),
            ("[", "[["), ("]", ""), ("\"ids\"", "\"id\""), ("0.0", "1e400"), ("NFC", "NFKD"), ("\\\\p{L}", "(a*)*"), ("\\\\s", "(?<x>"),
            ("Replace", "Prepend"), (",", ",\"new\":1,"), ("\"A\"", "\"B\""), ("\"B\"", "\"A\""),
        ];
        var text = Encoding.Latin1.GetString([.. list]);
        var (old, with) = swaps[random.Next(swaps.Length)];
        var found = text.IndexOf(old, at, StringComparison.Ordinal);
        if (found < 0) found = text.IndexOf(old, StringComparison.Ordinal);
        if (found < 0) return;
        list.RemoveRange(found, old.Length);
        list.InsertRange(found, Encoding.Latin1.GetBytes(with));
    }
}

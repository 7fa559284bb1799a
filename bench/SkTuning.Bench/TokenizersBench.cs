using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using SkTuning.Tokenizers;

namespace SkTuning.Bench;

/// <summary>
/// Characters per second of the tokenizers on news texts, and of Microsoft.ML.Tokenizers where its IDs are the same. The implementations of a tokenizer
/// alternate, and the median of the rounds is reported. Requires the folder shared next to the repository.
/// </summary>
internal static class TokenizersBench
{
    private const int Rounds = 9;

    private sealed record Way(string Name, Func<string[], long> Run, bool OneThread)
    {
        public List<double> Seconds { get; } = [];
        public double AllocatedPerChar { get; set; }
    }

    public static int Run(string[] args)
    {
        var shared = args.FirstOrDefault(Directory.Exists) ?? Find();
        if (shared is null)
        {
            Console.WriteLine("The folder shared/ is not beside the repository: no texts and no vocabularies.");
            return 0;
        }
        var texts = File.ReadLines(Path.Combine(shared, "data", "ag_news", "train.tsv")).Skip(1).Take(20_000).Select(l => l.Split('\t')[0]).ToArray();
        var characters = texts.Sum(t => (long)t.Length);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{texts.Length} texts, {characters / 1e6:F2} million characters, " +
            $"{Environment.ProcessorCount} cores, median of {Rounds} rounds"));
        foreach (var (name, tokenizer, other) in Tokenizers(shared)) Measure(name, tokenizer, other, texts, characters);
        return 0;
    }

    private static IEnumerable<(string Name, TextTokenizer Ours, Tokenizer? Theirs)> Tokenizers(string shared)
    {
        var (vocabularies, fixtures) = (Path.Combine(shared, "tokenizers"), Path.Combine(shared, "fixtures", "tokenizers"));
        yield return ("gpt2", TextTokenizer.Load(Path.Combine(vocabularies, "gpt2")), Gpt2(Path.Combine(vocabularies, "gpt2")));
        yield return ("bert-base-uncased", TextTokenizer.LoadJson(Path.Combine(vocabularies, "bert-base-uncased", "tokenizer.json")),
            WordPiece(Path.Combine(vocabularies, "bert-base-uncased", "vocab.txt")));
        yield return ("llama2", TextTokenizer.Load(Path.Combine(vocabularies, "llama2", "tokenizer.model")), null);
        yield return ("style-llama2", TextTokenizer.LoadJson(Path.Combine(fixtures, "style-llama2", "tokenizer.json")), null);
        yield return ("style-xlm-roberta", TextTokenizer.LoadJson(Path.Combine(fixtures, "style-xlm-roberta", "tokenizer.json")), null);
        yield return ("style-llama3", TextTokenizer.LoadJson(Path.Combine(fixtures, "style-llama3", "tokenizer.json")), null);
        yield return ("style-bloom (compiled expression)", TextTokenizer.LoadJson(Path.Combine(fixtures, "style-bloom", "tokenizer.json")), null);
    }

    private static void Measure(string name, TextTokenizer tokenizer, Tokenizer? other, string[] texts, long characters)
    {
        var list = new List<int>(4096);
        List<Way> ways =
        [
            new("ids, 1 thread", all =>
            {
                long count = 0;
                foreach (var text in all)
                {
                    list.Clear();
                    tokenizer.AppendIds(text, list, addSpecialTokens: false);
                    count += list.Count;
                }
                return count;
            }, true),
            new("ids as arrays, 1 thread", all => all.Sum(t => (long)tokenizer.EncodeIds(t, addSpecialTokens: false).Length), true),
            new("with offsets, 1 thread", all => all.Sum(t => (long)tokenizer.Encode(t, options: WithoutSpecial).Ids.Count), true),
            new("ids, all cores", all => tokenizer.EncodeBatch(all, addSpecialTokens: false).Sum(i => (long)i.Length), false),
            new("with offsets, all cores", all =>
            {
                long count = 0;
                Parallel.For(0, all.Length, i => Interlocked.Add(ref count, tokenizer.Encode(all[i], options: WithoutSpecial).Ids.Count));
                return count;
            }, false),
        ];
        if (other is not null) ways.Add(new("Microsoft.ML.Tokenizers, ids, 1 thread", all => all.Sum(t => (long)other.EncodeToIds(t).Count), true));
        long tokens = 0;
        foreach (var way in ways) tokens = way.Run(texts);
        for (var round = 0; round < Rounds; round++)
            foreach (var way in ways)
            {
                GC.Collect();
                var (allocated, watch) = (GC.GetTotalAllocatedBytes(precise: true), Stopwatch.StartNew());
                way.Run(texts);
                way.Seconds.Add(watch.Elapsed.TotalSeconds);
                way.AllocatedPerChar = (double)(GC.GetTotalAllocatedBytes(precise: true) - allocated) / characters;
            }
        var equal = other is null ? 0 : texts.Count(t => other.EncodeToIds(t).SequenceEqual(tokenizer.EncodeIds(t, addSpecialTokens: false)));
        var same = other is null ? "" : $", same ids as Microsoft.ML.Tokenizers on {equal} of {texts.Length} texts";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{name}: {(double)characters / ways[0].Run(texts):F2} characters a token{same}"));
        var reference = Median(ways[^1]);
        foreach (var way in ways)
        {
            var faster = other is not null && way.OneThread && way != ways[^1]
                ? string.Create(CultureInfo.InvariantCulture, $"  {reference / Median(way):F1} times theirs")
                : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {way.Name,-40} {characters / Median(way) / 1e6,7:F1} million characters/s  " +
                $"{way.AllocatedPerChar,6:F2} bytes allocated a character{faster}"));
        }
    }

    private static EncodeOptions WithoutSpecial { get; } = new() { AddSpecialTokens = false };

    private static double Median(Way way) => way.Seconds.Order().ElementAt(way.Seconds.Count / 2);

    private static BpeTokenizer Gpt2(string folder)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "vocab.json")));
        var vocabulary = json.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32());
        var merges = File.ReadLines(Path.Combine(folder, "merges.txt")).Skip(1).Where(l => l.Length > 0).ToArray();
        var special = new Dictionary<string, int> { ["<|endoftext|>"] = vocabulary["<|endoftext|>"] };
        var expression = new System.Text.RegularExpressions.Regex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
            RegexOptions.Compiled);
        return BpeTokenizer.Create(new BpeOptions(vocabulary)
        {
            Merges = merges,
            ByteLevel = true,
            SpecialTokens = special,
            PreTokenizer = new RegexPreTokenizer(expression, special),
        });
    }

    /// <summary>WordPiece of Microsoft.ML.Tokenizers with lowercasing and BERT's pre-tokenization as a regular expression.</summary>
    private static WordPieceTokenizer WordPiece(string vocabTxt)
    {
        var expression = new System.Text.RegularExpressions.Regex(@"[\p{P}\$\+<=>\^`\|~]|[^\s\p{P}\$\+<=>\^`\|~]+", RegexOptions.Compiled);
        return WordPieceTokenizer.Create(vocabTxt,
            new WordPieceOptions { Normalizer = new LowerCaseNormalizer(), PreTokenizer = new RegexPreTokenizer(expression, null) });
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "SkTuning.sln")) && folder.Parent is { } parent
                && Directory.Exists(Path.Combine(parent.FullName, "shared"))) return Path.Combine(parent.FullName, "shared");
        return null;
    }
}

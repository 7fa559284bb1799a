using System.Text.Json.Nodes;
using SkTuning.Tokenizers;
using SkTuning.Tokenizers.Sources;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tests.Tokenizers;

/// <summary>Model folders without a tokenizer.json: the older files and tokenizer_config.json give the same tokens as the style's tokenizer.json.</summary>
public sealed class FolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sktuning-folders").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("style-gpt2", "{\"tokenizer_class\": \"GPT2Tokenizer\"}")]
    [InlineData("style-roberta", "{\"tokenizer_class\": \"RobertaTokenizerFast\"}")]
    [InlineData("style-qwen2", "{\"tokenizer_class\": \"Qwen2Tokenizer\", \"additional_special_tokens\": [\"<|im_start|>\", \"<|im_end|>\"]}")]
    public void Vocabulary_and_merges_give_the_ids_of_the_style(string style, string config)
    {
        var model = JsonNode.Parse(File.ReadAllText(TokenizerFixture.Style(style)))!["model"]!;
        Write("vocab.json", model["vocab"]!.ToJsonString());
        Write("merges.txt", "#version: 0.2\n" + string.Join('\n', model["merges"]!.AsArray().Select(m => $"{m![0]} {m[1]}")) + "\n");
        Write("tokenizer_config.json", config);
        // RoBERTa's mask includes the space before it; the style's does not.
        Compare(TextTokenizer.LoadJson(TokenizerFixture.Style(style)), TextTokenizer.Load(_folder), t => !t.Contains("<mask>", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("style-bert-uncased", "{\"tokenizer_class\": \"BertTokenizer\"}")]
    [InlineData("style-bert-cased", "{\"tokenizer_class\": \"BertTokenizer\", \"do_lower_case\": false}")]
    [InlineData("style-bert-cased", "{\"tokenizer_class\": \"DistilBertTokenizer\", \"do_lower_case\": false, \"cls_token\": {\"content\": \"[CLS]\"}}")]
    public void A_list_of_words_gives_the_ids_of_the_style(string style, string config)
    {
        var vocabulary = JsonNode.Parse(File.ReadAllText(TokenizerFixture.Style(style)))!["model"]!["vocab"]!.AsObject();
        Write("vocab.txt", string.Concat(vocabulary.OrderBy(t => (int)t.Value!).Select(t => t.Key + "\n")));
        Write("tokenizer_config.json", config);
        Compare(TextTokenizer.LoadJson(TokenizerFixture.Style(style)), TextTokenizer.Load(_folder), _ => true);
    }

    [Fact]
    public void The_model_type_determines_the_class_if_no_class_is_named()
    {
        var vocabulary = JsonNode.Parse(File.ReadAllText(TokenizerFixture.Style("style-bert-uncased")))!["model"]!["vocab"]!.AsObject();
        Write("vocab.txt", string.Concat(vocabulary.OrderBy(t => (int)t.Value!).Select(t => t.Key + "\n")));
        Write("config.json", "{\"model_type\": \"bert\"}");
        Compare(TextTokenizer.LoadJson(TokenizerFixture.Style("style-bert-uncased")), TextTokenizer.Load(_folder), _ => true);
    }

    [Theory]
    [InlineData("T5Tokenizer", "{\"tokenizer_class\": \"T5Tokenizer\", \"extra_ids\": 2}", "[]", "</s>")]
    [InlineData("AlbertTokenizer", "{\"tokenizer_class\": \"AlbertTokenizer\", \"cls_token\": \"<s>\", \"sep_token\": \"</s>\"}",
        "[{\"type\":\"Replace\",\"pattern\":{\"String\":\"``\"},\"content\":\"\\\"\"}," +
        "{\"type\":\"Replace\",\"pattern\":{\"String\":\"''\"},\"content\":\"\\\"\"},{\"type\":\"NFKD\"},{\"type\":\"StripAccents\"},{\"type\":\"Lowercase\"}]",
        "<s> </s>")]
    public void A_unigram_model_of_a_class_gives_what_transformers_makes_of_it(string name, string config, string before, string around)
    {
        Assert.Contains(name, config);
        var source = Path.Combine(Path.GetDirectoryName(TokenizerFixture.Style("style-xlm-roberta"))!, "spiece.model");
        File.Copy(source, Path.Combine(_folder, "spiece.model"));
        Write("tokenizer_config.json", config);
        var tokenizer = TextTokenizer.Load(_folder);

        // The same steps as a tokenizer.json: the table, trailing spaces removed, repeated spaces joined, a split at each word sign.
        var pieces = SentencePieceFile.Read(source).Pieces;
        var json = JsonNode.Parse(File.ReadAllText(TokenizerFixture.Style("style-xlm-roberta")))!;
        var table = json["normalizer"]!["normalizers"]![0]!.DeepClone();
        json["normalizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["normalizers"] = new JsonArray(
            [
                .. JsonNode.Parse(before)!.AsArray().Select(n => n!.DeepClone()),
                table,
                JsonNode.Parse("{\"type\":\"Strip\",\"strip_left\":false,\"strip_right\":true}"),
                JsonNode.Parse("{\"type\":\"Replace\",\"pattern\":{\"Regex\":\" {2,}\"},\"content\":\"\u2581\"}"),
            ]),
        };
        json["pre_tokenizer"] = JsonNode.Parse("{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"always\",\"split\":true}");
        json["post_processor"] = null;
        json["added_tokens"] = new JsonArray(
        [
            .. new[] { "<unk>", "<s>", "</s>" }
                .Select((t, id) => JsonNode.Parse($"{{\"id\":{id},\"content\":\"{t}\",\"special\":true,\"normalized\":false}}")),
        ]);
        json["model"]!["unk_id"] = 0;
        // Pieces of other types occur in no text, so their scores do not matter.
        json["model"]!["vocab"] = new JsonArray([.. pieces.Select(p => (JsonNode)new JsonArray(p.Text, p.Kind == PieceKind.Normal ? (double)p.Score : 0.0))]);
        var path = Path.Combine(_folder, "reference.json");
        Write("reference.json", json.ToJsonString());
        var reference = TextTokenizer.LoadJson(path);
        foreach (var text in Texts())
        {
            if (text.Contains('<') || text.Contains("[MASK]", StringComparison.Ordinal)) continue;
            Assert.Equal(reference.EncodeIds(text), tokenizer.EncodeIds(text, addSpecialTokens: false));
        }
        Assert.Equal(around, string.Join(' ', tokenizer.EncodeIds("").Select(tokenizer.TokenOf)));
        if (name != "T5Tokenizer") return;
        Assert.Equal((pieces.Count + 1, pieces.Count), (tokenizer.IdOf("<extra_id_0>")!.Value, tokenizer.IdOf("<extra_id_1>")!.Value));
        // They are found in the text as it is, before the normalizer makes ASCII of wide characters.
        Assert.Contains(pieces.Count + 1, tokenizer.EncodeIds("<extra_id_0>"));
        Assert.DoesNotContain(pieces.Count + 1, tokenizer.EncodeIds("\uFF1Cextra_id_0>"));
    }

    [Fact]
    public void The_pieces_of_XLM_RoBERTa_have_the_ids_of_fairseq()
    {
        var source = Path.Combine(Path.GetDirectoryName(TokenizerFixture.Style("style-xlm-roberta"))!, "spiece.model");
        File.Copy(source, Path.Combine(_folder, "sentencepiece.bpe.model"));
        Write("tokenizer_config.json", "{\"tokenizer_class\": \"XLMRobertaTokenizer\"}");
        var (tokenizer, pieces) = (TextTokenizer.Load(_folder), SentencePieceFile.Read(source).Pieces);
        Assert.Equal(["<s>", "<pad>", "</s>", "<unk>", pieces[3].Text, "<mask>"],
            new[] { 0, 1, 2, 3, 4, pieces.Count + 1 }.Select(tokenizer.TokenOf));
        Assert.Equal((0, 1, 2), (tokenizer.BosId, tokenizer.PadId, tokenizer.EosId));
        Assert.Equal([0, 2], tokenizer.EncodeIds(""));
    }

    [Fact]
    public void A_llama_model_with_its_settings_finds_special_tokens_in_texts()
    {
        var model = Path.Combine(Fixtures.Shared, "tokenizers", "llama2", "tokenizer.model");
        Fixtures.SkipWithout(model);
        File.Copy(model, Path.Combine(_folder, "tokenizer.model"));
        const string roles = "\"tokenizer_class\": \"LlamaTokenizer\", \"bos_token\": \"<s>\", \"eos_token\": \"</s>\", \"unk_token\": \"<unk>\"";
        Write("tokenizer_config.json", "{" + roles + ", \"add_eos_token\": true, \"legacy\": false}");
        var modern = TextTokenizer.Load(_folder);
        Assert.Equal([1, 15043, 2, 3186, 2], modern.EncodeIds("Hello</s> world"));
        Assert.Equal([1, 2, modern.IdOf("a")!.Value, 2], modern.EncodeIds("</s>a"));
        Assert.Equal("Hello world", modern.Decode(modern.EncodeIds("Hello world"), skipSpecialTokens: true));
        Write("tokenizer_config.json", "{" + roles + "}");
        // The legacy behavior adds a word sign after every special token.
        Assert.Equal([1, 15043, 2, 29871, 3186], TextTokenizer.Load(_folder).EncodeIds("Hello</s> world"));
    }

    private static void Compare(TextTokenizer expected, TextTokenizer actual, Func<string, bool> taken)
    {
        foreach (var text in Texts().Where(taken))
        {
            var (e, a) = (expected.Encode(text), actual.Encode(text));
            Assert.Equal(e.Ids, a.Ids);
            Assert.Equal(e.Offsets, a.Offsets);
            Assert.Equal(expected.Encode(text, "a pair").TypeIds, actual.Encode(text, "a pair").TypeIds);
        }
    }

    private static IEnumerable<string> Texts()
        => TokenizerFixture.Lines(Path.Combine(Path.GetDirectoryName(TokenizerFixture.Style("style-gpt2"))!, "expected.jsonl"))
            .Select(l => l.Text)
            .Concat(["a ", "two  spaces  ", "  before", "\u3000wide\u3000", "line\n", "first\u0080beyond ASCII"])
            .Concat(RandomTexts.Make(seed: 9, count: 500));

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name), content);
}

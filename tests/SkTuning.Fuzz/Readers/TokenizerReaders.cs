using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using SkTuning.Fuzz.Mutation;
using SkTuning.Fuzz.Running;
using SkTuning.Tokenizers;

namespace SkTuning.Fuzz.Readers;

/// <summary>Encodes and decodes texts that are hard for tokenizers.</summary>
internal static class HardTexts
{
    private static readonly string[] All =
    [
        "", " ", "Hello world, don't!  12345\n\n\u4E2D\u6587 e\u0301\u00DF \uD83D\uDE00 <s>[CLS]", "  \u2581a",
        "\0\uFEFF\u00A0\u2028\u202E\u200D", "\uD800 \uDC00x",
        "a " + new string('a', 3000), string.Concat(Enumerable.Repeat("the quick brown fox jumps over the lazy dog and so on and on. ", 50)),
        string.Concat(Enumerable.Repeat("\u4E2D\u6587 \uD83D\uDC68\u200D\uD83D\uDC69 ", 100)), new('9', 400), new(' ', 1000), "\u0390\u0130\uFB03\u1E9E\u00B5",
    ];

    public static void Encode(TextTokenizer tokenizer)
    {
        foreach (var text in All)
        {
            var encoding = tokenizer.Encode(text, text.Length < 100 ? "pair" : null);
            foreach (var id in encoding.Ids) Running.Use.Holds(id >= 0, "a negative id");
            for (var i = 0; i < encoding.Ids.Count; i++)
            {
                var (span, length) = (encoding.Offsets[i], encoding.SequenceIds[i] == 1 ? 4 : text.Length);
                Running.Use.Holds(span.Start >= 0 && span.Start <= span.End && span.End <= length, "offsets outside of the text");
            }
            tokenizer.Decode(encoding.Ids, skipSpecialTokens: true);
            tokenizer.EncodeIds(text);
        }
        Running.Use.Holds(tokenizer.Fingerprint.Length > 0, "no fingerprint");
    }
}

/// <summary>The pipelines of tokenizer.json.</summary>
internal sealed class TokenizerJsonReader : Reader
{
    public override string Name => "tokenizer.json";
    public override int Weight => 5;

    public override IEnumerable<Seed> CreateSeeds(string folder) => Repository.Folders("tokenizers").Append(Repository.MicroModel)
        .Select(f => Path.Combine(f, "tokenizer.json")).Where(File.Exists).Select(f => new Seed(Path.GetFileName(Path.GetDirectoryName(f)!),
            new Dictionary<string, byte[]> { ["tokenizer.json"] = File.ReadAllBytes(f) }, ["tokenizer.json"]));

    public override void Use(string folder, Use use)
    {
        var tokenizer = TextTokenizer.Load(Path.Combine(folder, "tokenizer.json"));
        use.Loaded();
        HardTexts.Encode(tokenizer);
    }

    public override IReadOnlyList<Mutator> MutatorsOf(string file)
        => [TokenizerMutator.Instance, TokenizerMutator.Instance, JsonMutator.Instance, JsonMutator.Instance, TextMutator.Instance, ByteMutator.Instance];
}

/// <summary>The settings beside a tokenizer.</summary>
internal sealed class TokenizerConfigReader : Reader
{
    public override string Name => "tokenizer_config";

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        foreach (var style in (string[])["style-llama2", "style-bert-uncased", "style-gpt2"])
        {
            var type = style switch { "style-llama2" => "LlamaTokenizer", "style-gpt2" => "GPT2Tokenizer", _ => "BertTokenizer" };
            yield return new(style, new Dictionary<string, byte[]>
            {
                ["tokenizer.json"] = File.ReadAllBytes(Repository.Fixture("tokenizers", style, "tokenizer.json")),
                ["tokenizer_config.json"] = Encoding.UTF8.GetBytes($$$"""
                    {"tokenizer_class":"{{{type}}}","bos_token":"<s>","eos_token":{"content":"</s>","lstrip":false},"unk_token":"<unk>","pad_token":null,
                     "add_bos_token":true,"add_eos_token":false,"add_prefix_space":false,"do_lower_case":true,"strip_accents":null,
                     "tokenize_chinese_chars":true,"added_tokens_decoder":{"0":{"content":"<unk>","special":true,"normalized":false}},
                     "model_max_length":512,"legacy":false,
                     "chat_template":"{% for message in messages %}{{ bos_token + message['role'] + ': ' + message['content'] }}{% endfor %}"}
                    """),
                ["special_tokens_map.json"] = "{\"bos_token\":\"<s>\",\"unk_token\":{\"content\":\"<unk>\",\"single_word\":false}}"u8.ToArray(),
                ["added_tokens.json"] = "{\"<extra>\":100000,\"<more>\":100001}"u8.ToArray(),
            }, ["tokenizer_config.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"]);
        }
    }

    public override void Use(string folder, Use use)
    {
        var tokenizer = TextTokenizer.Load(folder);
        if (tokenizer.ChatTemplate is not null) ChatTemplateReader.Render(tokenizer);
        use.Loaded();
        HardTexts.Encode(tokenizer);
    }
}

/// <summary>SentencePiece's own files.</summary>
internal sealed class SentencePieceReader : Reader
{
    public override string Name => "sentencepiece";

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        foreach (var (name, type) in ((string, int)[])[("unigram", 1), ("bpe", 2)])
            yield return new(name, new Dictionary<string, byte[]> { ["tokenizer.model"] = Model(type) }, ["tokenizer.model"]);
        var real = File.ReadAllBytes(Repository.Fixture("tokenizers", "style-xlm-roberta", "spiece.model"));
        yield return new("xlm-roberta", new Dictionary<string, byte[]> { ["spiece.model"] = real }, ["spiece.model"]);
    }

    public override void Use(string folder, Use use)
    {
        var tokenizer = TextTokenizer.Load(folder);
        use.Loaded();
        HardTexts.Encode(tokenizer);
    }

    /// <summary>A ModelProto with the 256 bytes, the letters and a few words.</summary>
    private static byte[] Model(int type)
    {
        var model = new MemoryStream();
        (string, int)[] special = [("<unk>", 2), ("<s>", 3), ("</s>", 3)];
        var pieces = special.Concat(Enumerable.Range(0, 256).Select(i => ($"<0x{i:X2}>", 6)))
            .Concat("\u2581abcdefghijklmnopqrstuvwxyz.,".Select(c => (c.ToString(), 1)))
            .Concat(((string[])["\u2581t", "\u2581th", "\u2581the", "he", "in", "er", "\u2581a", "ox"]).Select(w => (w, 1))).ToList();
        for (var i = 0; i < pieces.Count; i++)
        {
            var piece = new MemoryStream();
            Field(piece, 1, Encoding.UTF8.GetBytes(pieces[i].Item1));
            piece.WriteByte((2 << 3) | 5);
            var score = new byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(score, -i);
            piece.Write(score);
            Number(piece, 3, pieces[i].Item2);
            Field(model, 1, piece.ToArray());
        }
        var trainer = new MemoryStream();
        Number(trainer, 3, type);
        Number(trainer, 35, 1);
        Number(trainer, 40, 0);
        Number(trainer, 41, 1);
        Number(trainer, 42, 2);
        Field(model, 2, trainer.ToArray());
        var normalizer = new MemoryStream();
        Field(normalizer, 1, "identity"u8);
        Number(normalizer, 3, 1);
        Number(normalizer, 4, 1);
        Number(normalizer, 5, 1);
        Field(model, 3, normalizer.ToArray());
        return model.ToArray();
    }

    private static void Field(MemoryStream stream, int number, ReadOnlySpan<byte> content)
    {
        Variable(stream, (ulong)((number << 3) | 2));
        Variable(stream, (ulong)content.Length);
        stream.Write(content);
    }

    private static void Number(MemoryStream stream, int number, int value)
    {
        Variable(stream, (ulong)(number << 3));
        Variable(stream, (ulong)value);
    }

    private static void Variable(MemoryStream stream, ulong value)
    {
        for (; value > 127; value >>= 7) stream.WriteByte((byte)(value | 128));
        stream.WriteByte((byte)value);
    }
}

/// <summary>vocab.txt, and vocab.json with merges.txt.</summary>
internal sealed class VocabularyReader : Reader
{
    public override string Name => "vocabulary";

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        var letters = Enumerable.Range('a', 26).Select(c => ((char)c).ToString()).ToList();
        var words = (string[])
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. letters, .. letters.Select(l => "##" + l), "the", "fox", "##er", ".", ",", "1", "##2"];
        yield return new("wordpiece", new Dictionary<string, byte[]>
        {
            ["vocab.txt"] = Encoding.UTF8.GetBytes(string.Join('\n', words) + "\n"),
            ["tokenizer_config.json"] = "{\"tokenizer_class\":\"BertTokenizer\",\"do_lower_case\":true}"u8.ToArray(),
        }, ["vocab.txt", "vocab.txt", "tokenizer_config.json"]);

        // Byte-level BPE writes bytes as visible characters: the invisible ones are moved beyond U+0100.
        var (vocabulary, next) = (new JsonObject(), 256);
        for (var b = 0; b < 256; b++)
            vocabulary[((char)(b is >= 33 and <= 126 or >= 161 and <= 172 or >= 174 ? b : next++)).ToString()] = vocabulary.Count;
        string[] merges = ["t h", "th e", "\u0120 the", "i n", "e r", "\u0120 a", "o x", "f ox"];
        foreach (var merge in merges) vocabulary[merge.Replace(" ", "", StringComparison.Ordinal)] = vocabulary.Count;
        vocabulary["<|endoftext|>"] = vocabulary.Count;
        yield return new("byte-level", new Dictionary<string, byte[]>
        {
            ["vocab.json"] = Encoding.UTF8.GetBytes(vocabulary.ToJsonString()),
            ["merges.txt"] = Encoding.UTF8.GetBytes("#version: 0.2\n" + string.Join('\n', merges) + "\n"),
        }, ["vocab.json", "merges.txt"]);
    }

    public override void Use(string folder, Use use)
    {
        var tokenizer = TextTokenizer.Load(folder);
        use.Loaded();
        HardTexts.Encode(tokenizer);
    }
}

/// <summary>Chat templates, which are programs: whatever they do must end soon and must name the file.</summary>
internal sealed class ChatTemplateReader : Reader
{
    private static readonly string[] Templates =
    [
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
        "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system = messages[0]['content'] %}{% else %}"
            + "{% set loop_messages = messages %}{% set system = false %}{% endif %}{% for message in loop_messages %}"
            + "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% endif %}"
            + "{{ bos_token + '[INST] ' + message['content'].strip() + ' [/INST]' }}{% endfor %}",
        "{%- set ns = namespace(found=false, n=0) -%}{%- for m in messages if m.role != 'system' -%}{%- set ns.n = ns.n + 1 -%}"
            + "{{ m.content | trim | replace('a', 'b') | upper }}{{ loop.last }}{%- endfor -%}{{ ns.n ~ ' ' ~ range(3)|list|join(',') }}{{ messages|length }}",
    ];

    public override string Name => "chat-template";
    public override int Weight => 4;

    public override IEnumerable<Seed> CreateSeeds(string folder) => Templates.Select((t, i) => new Seed($"template-{i}", new Dictionary<string, byte[]>
    {
        ["tokenizer.json"] = File.ReadAllBytes(Path.Combine(Repository.MicroModel, "tokenizer.json")),
        ["tokenizer_config.json"] = Encoding.UTF8.GetBytes(
            new JsonObject { ["bos_token"] = "<s>", ["eos_token"] = "</s>", ["chat_template"] = t }.ToJsonString()),
    }, ["tokenizer_config.json"]));

    public override void Use(string folder, Use use) => Render(TextTokenizer.Load(folder));

    public static void Render(TextTokenizer tokenizer)
    {
        tokenizer.RenderChat([new("user", "hi")]);
        ChatMessage[] conversation = [new("user", "Where is\nmy \u4E2D parcel? aaa"), new("assistant", "Here."), new("user", new string('a', 2000))];
        tokenizer.RenderChat(conversation, addGenerationPrompt: true);
    }

    public override IReadOnlyList<Mutator> MutatorsOf(string file) => [TemplateMutator.Instance];
}

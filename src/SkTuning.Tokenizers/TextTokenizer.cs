using System.Collections.Concurrent;
using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.Processors;
using SkTuning.Tokenizers.Sources;
using SkTuning.Tokenizers.SubwordModels;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers;

/// <summary>
/// A tokenizer read from a model's own files, with the same ids as the library the model was made with. It is safe to use from many threads at once.
/// Seen as a <see cref="Microsoft.ML.Tokenizers.Tokenizer"/> it encodes single texts without special tokens.
/// </summary>
public sealed partial class TextTokenizer : Microsoft.ML.Tokenizers.Tokenizer
{
    private readonly TokenizerDefinition _parts;
    private readonly ConcurrentBag<EncodeState> _states = [];
    private readonly bool _originsAsked;
    private readonly Lazy<string> _fingerprint;
    private readonly int[] _prefix;
    private readonly int[] _suffix;
    private EncodeState? _state;

    internal TextTokenizer(TokenizerDefinition parts)
    {
        _parts = parts;
        _originsAsked = parts.PreTokenizer is { AsksOrigin: true } && parts.Normalizer is { KeepsStart: false };
        (_prefix, _suffix) = (parts.PostProcessor.Prefix, parts.PostProcessor.Suffix);
        VocabularySize = Math.Max(parts.Model.Vocabulary.Size, parts.Added.LargestId + 1);
        _fingerprint = new(MakeFingerprint);
        (BosId, EosId, PadId) = (Id(parts.Special.Bos), Id(parts.Special.Eos), Id(parts.Special.Pad));
        (ClsId, SepId, MaskId) = (Id(parts.Special.Cls), Id(parts.Special.Sep), Id(parts.Special.Mask));
        UnkId = Id(parts.Special.Unk) ?? parts.Model.Unknown;

        int? Id(string? token) => token is null ? null : IdOf(token);
    }

    /// <summary>
    /// Reads the tokenizer of a model folder, or of one of its files. In a folder the first of these counts: tokenizer.json; a SentencePiece model (tokenizer.model,
    /// spiece.model, sentencepiece.bpe.model); vocab.json with merges.txt; vocab.txt. tokenizer_config.json and special_tokens_map.json beside it say which token
    /// plays which part, and more.
    /// </summary>
    /// <exception cref="SkTuningException">There is none, a file is damaged, or it asks for something that is not implemented.</exception>
    public static TextTokenizer Load(string path) => new(FolderReader.Read(path));

    /// <summary>Reads one tokenizer.json, without its folder's settings.</summary>
    internal static TextTokenizer FromFile(string tokenizerJson) => new(TokenizerJson.Read(tokenizerJson));

    /// <summary>The tokenizer of a GGUF file, from its metadata.</summary>
    internal static TextTokenizer FromGguf(GgufTokenizer metadata) => new(metadata.Build());

    /// <summary>The largest id and one more: what an embedding needs at least.</summary>
    public int VocabularySize { get; }

    /// <summary>The id of the token that begins a text, if the files name one.</summary>
    public int? BosId { get; }

    /// <summary>The id of the token that ends a text, if the files name one.</summary>
    public int? EosId { get; }

    /// <summary>The id of padding, if the files name one.</summary>
    public int? PadId { get; }

    /// <summary>The id of what has no token, if there is one.</summary>
    public int? UnkId { get; }

    /// <summary>The id of the classification token, if the files name one.</summary>
    public int? ClsId { get; }

    /// <summary>The id of the separator, if the files name one.</summary>
    public int? SepId { get; }

    /// <summary>The id of the mask, if the files name one.</summary>
    public int? MaskId { get; }

    /// <summary>The special tokens the tokenizer puts before a single text.</summary>
    public IReadOnlyList<int> PrefixSpecialIds => _prefix;

    /// <summary>The special tokens the tokenizer puts behind a single text.</summary>
    public IReadOnlyList<int> SuffixSpecialIds => _suffix;

    /// <summary>What the tokenizer's file itself says about length and padding. It is applied only where it is passed to an encoding.</summary>
    public EncodeOptions FileOptions => _parts.Defaults;

    /// <summary>The chat template (Jinja) that the model's settings hold, as text; null if there is none.</summary>
    public string? ChatTemplate => _parts.ChatTemplate;

    /// <summary>A hash (SHA-256, hexadecimal) of everything that decides the ids: the same for the same tokenizer, however its files are written or named.</summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>The id of a token, written as the vocabulary writes it, or null.</summary>
    public int? IdOf(string token) => _parts.Added.IdOf(token) ?? _parts.Model.Vocabulary.IdOf(token);

    /// <summary>The token of an id, written as the vocabulary writes it, or null.</summary>
    public string? TokenOf(int id) => _parts.Added.TokenOf(id) ?? _parts.Model.Vocabulary.TokenOf(id);

    /// <summary>Whether an id is that of a special token: one that a decoding may leave out.</summary>
    public bool IsSpecial(int id) => _parts.Added.IsSpecial(id);

    private string MakeFingerprint()
    {
        using var fingerprint = new Fingerprint();
        Describe("normalizer", _parts.Normalizer);
        fingerprint.Add("pre-tokenizer");
        _parts.PreTokenizer?.Describe(fingerprint);
        _parts.Model.Describe(fingerprint);
        _parts.PostProcessor.Describe(fingerprint);
        _parts.Added.Describe(fingerprint);
        return fingerprint.Finish();

        void Describe(string name, NormalizerStep? step)
        {
            fingerprint.Add(name);
            step?.Describe(fingerprint);
        }
    }

    private EncodeState Rent() => Interlocked.Exchange(ref _state, null) ?? (_states.TryTake(out var state) ? state : new());

    private void Return(EncodeState state)
    {
        if (Interlocked.CompareExchange(ref _state, state, null) is not null) _states.Add(state);
    }
}

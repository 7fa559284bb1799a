using System.Collections.Concurrent;
using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.Sources;
using SkTuning.Tokenizers.SubwordModels;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers;

/// <summary>
/// Represents a tokenizer read from a model's own files. It returns the same ids as the library that the model was trained with, and is thread-safe.
/// The members of the base class <see cref="Microsoft.ML.Tokenizers.Tokenizer"/> encode single texts without special tokens.
/// </summary>
public sealed partial class TextTokenizer : Microsoft.ML.Tokenizers.Tokenizer
{
    private readonly TokenizerDefinition _parts;
    private readonly ConcurrentBag<EncodeState> _states = [];
    private readonly bool _needsOrigins;
    private readonly Lazy<string> _fingerprint;
    private readonly int[] _prefix;
    private readonly int[] _suffix;
    private EncodeState? _state;

    internal TextTokenizer(TokenizerDefinition parts, int rows = int.MaxValue)
    {
        (_parts, _rows) = (parts, rows);
        _needsOrigins = parts.PreTokenizer is { NeedsOrigin: true } && parts.Normalizer is { KeepsStart: false };
        (_prefix, _suffix) = (parts.PostProcessor.Prefix, parts.PostProcessor.Suffix);
        VocabularySize = Math.Min(rows, Math.Max(parts.Model.Vocabulary.Size, parts.Added.LargestId + 1));
        _fingerprint = new(MakeFingerprint);
        (BosId, EosId, PadId) = (Id(parts.Special.Bos), Id(parts.Special.Eos), Id(parts.Special.Pad));
        (ClsId, SepId, MaskId) = (Id(parts.Special.Cls), Id(parts.Special.Sep), Id(parts.Special.Mask));
        UnkId = Id(parts.Special.Unk) ?? parts.Model.Unknown;

        int? Id(string? token) => token is null ? null : IdOf(token);
    }

    /// <summary>
    /// Reads the tokenizer of a model folder, or a single tokenizer file. In a folder, the first of these files is used: tokenizer.json; a SentencePiece model
    /// (tokenizer.model, spiece.model, sentencepiece.bpe.model); vocab.json with merges.txt; vocab.txt. Further settings, such as the roles of special tokens,
    /// are read from tokenizer_config.json and special_tokens_map.json in the same folder.
    /// </summary>
    /// <param name="path">The model folder, or the tokenizer file.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="SkTuningException">There is no tokenizer, a file is damaged, or a file requires a feature that is not implemented.</exception>
    public static TextTokenizer Load(string path) => new(FolderReader.Read(path));

    /// <summary>Reads a tokenizer.json, without the settings of its folder.</summary>
    internal static TextTokenizer LoadJson(string tokenizerJson) => new(TokenizerJson.Read(tokenizerJson));

    /// <summary>Builds the tokenizer of a GGUF file from its metadata.</summary>
    internal static TextTokenizer FromGguf(GgufTokenizer metadata) => new(metadata.Build());

    /// <summary>Gets the largest id plus one, which is the minimum number of rows of an embedding.</summary>
    public int VocabularySize { get; }

    /// <summary>Gets the id of the token that begins a text, or null if the files name none.</summary>
    public int? BosId { get; }

    /// <summary>Gets the id of the token that ends a text, or null if the files name none.</summary>
    public int? EosId { get; }

    /// <summary>Gets the id of the padding token, or null if the files name none.</summary>
    public int? PadId { get; }

    /// <summary>Gets the id of the unknown token, or null if there is none.</summary>
    public int? UnkId { get; }

    /// <summary>Gets the id of the classification token, or null if the files name none.</summary>
    public int? ClsId { get; }

    /// <summary>Gets the id of the separator token, or null if the files name none.</summary>
    public int? SepId { get; }

    /// <summary>Gets the id of the mask token, or null if the files name none.</summary>
    public int? MaskId { get; }

    /// <summary>Gets the ids of the special tokens that the tokenizer puts before a single text.</summary>
    public IReadOnlyList<int> PrefixSpecialIds => _prefix;

    /// <summary>Gets the ids of the special tokens that the tokenizer puts after a single text.</summary>
    public IReadOnlyList<int> SuffixSpecialIds => _suffix;

    /// <summary>Gets the truncation and padding settings of the tokenizer's file. They take effect only when you pass them to an encoding method.</summary>
    /// <exception cref="SkTuningException">The file asks for truncation or padding that is not implemented.</exception>
    public EncodeOptions FileOptions
    {
        get
        {
            if (_parts.Defaults.Fault is { } fault) throw new SkTuningFileException(fault.Message, _parts.File, fault);
            return field ??= OptionsOf(_parts.Defaults);
        }
    }

    /// <summary>Gets the source of the chat template (Jinja) in the model's settings, or null if there is none.</summary>
    public string? ChatTemplate => _parts.ChatTemplate;

    /// <summary>
    /// Gets the SHA-256 hash, in hexadecimal, of everything that determines the ids. It is the same for the same tokenizer, however its files are written or
    /// named.
    /// </summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>Returns the id of a token.</summary>
    /// <param name="token">The token, as written in the vocabulary.</param>
    /// <returns>The id, or null if there is no such token.</returns>
    public int? IdOf(string token) => (_parts.Added.IdOf(token) ?? _parts.Model.Vocabulary.IdOf(token)) is { } id && id < _rows ? id : null;

    /// <summary>Returns the token that has an id.</summary>
    /// <param name="id">The id.</param>
    /// <returns>The token, as written in the vocabulary, or null if there is no such id.</returns>
    public string? TokenOf(int id) => _parts.Added.TokenOf(id) ?? _parts.Model.Vocabulary.TokenOf(id);

    /// <summary>Determines whether an id belongs to a special token, which decoding can skip.</summary>
    /// <param name="id">The id.</param>
    /// <returns>True if the token is special.</returns>
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

    private static EncodeOptions OptionsOf(FileDefaults defaults) => new()
    {
        MaxLength = defaults.MaxLength,
        Truncation = defaults.Strategy switch
        {
            "OnlyFirst" => PairTruncation.OnlyFirst,
            "OnlySecond" => PairTruncation.OnlySecond,
            _ => PairTruncation.LongestFirst,
        },
        TruncationSide = defaults.TruncatesStart ? TextSide.Left : TextSide.Right,
        PadTo = defaults.PadTo,
        PadToMultipleOf = defaults.PadToMultipleOf,
        PaddingSide = defaults.PadsStart ? TextSide.Left : TextSide.Right,
        PadId = defaults.PadId,
        PadTypeId = defaults.PadTypeId,
    };

    /// <summary>Gets the working memory that the next encoding uses; null if there is none yet, or while it is in use.</summary>
    internal EncodeState? Idle => _state;

    private EncodeState Rent() => Interlocked.Exchange(ref _state, null) ?? (_states.TryTake(out var state) ? state : new(_parts.File));

    private void Return(EncodeState state)
    {
        state.Trim();
        if (Interlocked.CompareExchange(ref _state, state, null) is not null) _states.Add(state);
    }
}

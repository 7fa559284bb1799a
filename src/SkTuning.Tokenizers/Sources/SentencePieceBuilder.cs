using SkTuning.Tokenizers.AddedTokens;
using SkTuning.Tokenizers.Decoders;
using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.PreTokenizers;
using SkTuning.Tokenizers.Processors;
using SkTuning.Tokenizers.SubwordModels;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Sources;

/// <summary>The settings of a model folder that supplement a SentencePiece model.</summary>
internal sealed record SentencePieceSettings
{
    /// <summary>
    /// Whether to use fairseq's order of ids (XLM-RoBERTa): four special tokens first, then the model's pieces from index 3, each id one higher than in the
    /// model, then a mask.
    /// </summary>
    public bool Fairseq { get; init; }

    /// <summary>
    /// Whether to use, for unigram models, the steps that transformers derives from the model (the table applied to clusters of characters, a split at white
    /// space first) instead of SentencePiece's own. They differ for unusual white space and for letters with several marks.
    /// </summary>
    public bool LikeTransformers { get; init; }

    /// <summary>Whether the word sign is added only at the start of the whole text.</summary>
    public bool PrefixOnlyAtStart { get; init; }

    /// <summary>The steps before SentencePiece's own normalization.</summary>
    public IReadOnlyList<NormalizerStep> Before { get; init; } = [];

    /// <summary>The tokens to search for in the text.</summary>
    public IReadOnlyList<AddedToken> Added { get; init; } = [];

    /// <summary>Creates the template of special tokens, given a function from tokens to their final ids.</summary>
    public Func<Func<string, int?>, PostProcessor>? Template { get; init; }

    public SpecialTokens Special { get; init; } = new();
}

/// <summary>Builds tokenizers from SentencePiece models.</summary>
internal static class SentencePieceBuilder
{
    public static TokenizerDefinition Build(SentencePieceSpec spec, SentencePieceSettings settings)
    {
        if (settings.Fairseq) spec = InFairseqOrder(spec);
        var vocabulary = new Vocabulary(Ids(spec));
        int? unknown = spec.Pieces.Select((p, i) => (p, i)).Where(x => x.p.Kind == PieceKind.Unknown).Select(x => (int?)x.i).FirstOrDefault();
        var keep = new TokenTrie();
        for (var id = 0; id < spec.Pieces.Count; id++)
            if (spec.Pieces[id].Kind == PieceKind.UserDefined) keep.Add(spec.Pieces[id].Text, id);
        var like = settings.LikeTransformers && !spec.IsBpe;
        var own = like
            ? LikeTransformers(spec, settings.Fairseq)
            : [new SentencePieceNormalizer(spec.Rules, settings.PrefixOnlyAtStart, keep.IsEmpty ? null : keep)];
        NormalizerStep normalizer = settings.Before.Count + own.Count == 1 ? own[0] : new NormalizerSequence([.. settings.Before, .. own]);
        var words = !spec.IsBpe && !spec.Rules.SpaceAsSuffix && spec.Rules.EscapeSpaces && SignsOnlyInFront(spec);
        PreTokenizerStep? cuts = words && !like ? new MetaspacePreTokenizer("\u2581", PrependScheme.Never, split: true) : null;
        if (like)
        {
            var scheme = !spec.Rules.AddDummyPrefix ? PrependScheme.Never : settings.PrefixOnlyAtStart ? PrependScheme.First : PrependScheme.Always;
            cuts = new MetaspacePreTokenizer("\u2581", scheme, split: true);
            if (settings.Fairseq) cuts = new PreTokenizerSequence([new WhitespaceSplitPreTokenizer(), cuts]);
        }
        return new()
        {
            File = spec.File,
            Normalizer = normalizer,
            PreTokenizer = cuts,
            Model = spec.IsBpe
                ? new ScoredBpeModel(vocabulary, spec.Pieces, spec.ByteFallback, unknown, spec.File)
                : BuildUnigram(vocabulary, spec, unknown),
            PostProcessor = settings.Template?.Invoke(vocabulary.IdOf) ?? PostProcessor.None,
            Decoder = BuildDecoder(spec),
            Added = new(settings.Added, vocabulary, normalizer, spec.File),
            Special = settings.Special,
        };
    }

    private static List<NormalizerStep> LikeTransformers(SentencePieceSpec spec, bool fairseq)
    {
        var steps = new List<NormalizerStep>();
        if (spec.Rules.Map is not null) steps.Add(new PrecompiledNormalizer(spec.Rules.Map));
        if (!fairseq) steps.Add(new StripNormalizer(left: false, right: true));
        steps.Add(new ReplaceNormalizer(new Regex.RegexPattern(" {2,}"), fairseq ? " " : "\u2581"));
        return steps;
    }

    /// <summary>Returns the template with a BOS token before each text and an EOS token after it; null for none.</summary>
    public static PostProcessor Around(int? bos, int? eos)
    {
        var single = new List<TemplatePlace>();
        if (bos is { } b) single.Add(new(b, 0, 0));
        single.Add(new(-1, 0, 0));
        if (eos is { } e) single.Add(new(e, 0, 0));
        var pair = new List<TemplatePlace>(single);
        if (bos is { } b2) pair.Add(new(b2, 0, 1));
        pair.Add(new(-1, 1, 1));
        if (eos is { } e2) pair.Add(new(e2, 0, 1));
        return new() { Single = single, Pair = pair };
    }

    private static Dictionary<string, int> Ids(SentencePieceSpec spec)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < spec.Pieces.Count; id++) ids.TryAdd(spec.Pieces[id].Text, id);
        return ids;
    }

    private static bool SignsOnlyInFront(SentencePieceSpec spec)
        => spec.Pieces.All(p => p.Kind is not (PieceKind.Normal or PieceKind.UserDefined) || p.Text.LastIndexOf('\u2581') <= 0);

    private static UnigramModel BuildUnigram(Vocabulary vocabulary, SentencePieceSpec spec, int? unknown)
    {
        var (worst, best) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var piece in spec.Pieces.Where(p => p.Kind == PieceKind.Normal))
            (worst, best) = (Math.Min(worst, piece.Score), Math.Max(best, piece.Score));
        var scores = new double[spec.Pieces.Count];
        var pieces = new List<(string, int)>();
        for (var id = 0; id < scores.Length; id++)
        {
            var piece = spec.Pieces[id];
            // A user-defined piece scores higher than any segmentation of its text.
            scores[id] = piece.Kind == PieceKind.UserDefined ? System.Text.Encoding.UTF8.GetByteCount(piece.Text) * best - 0.1 : piece.Score;
            if (piece.Kind is PieceKind.Normal or PieceKind.UserDefined) pieces.Add((piece.Text, id));
        }
        return new(vocabulary, pieces, scores, unknown, spec.ByteFallback, double.IsFinite(worst) ? worst : 0);
    }

    private static DecoderSequence BuildDecoder(SentencePieceSpec spec)
    {
        var steps = new List<DecoderStep>();
        if (spec.Rules.EscapeSpaces) steps.Add(new ReplaceDecoder(new LiteralPattern("\u2581"), " "));
        if (spec.ByteFallback) steps.Add(new ByteFallbackDecoder());
        steps.Add(new FuseDecoder());
        if (spec.Rules.AddDummyPrefix) steps.Add(spec.Rules.SpaceAsSuffix ? new StripDecoder(" ", 0, 1) : new StripDecoder(" ", 1, 0));
        return new(steps);
    }

    private static SentencePieceSpec InFairseqOrder(SentencePieceSpec spec)
    {
        if (spec.Pieces.Count < 3) throw SkTuningException.BadFile(spec.File, null, $"{spec.Pieces.Count} pieces", "an XLM-RoBERTa model");
        List<SentencePiece> pieces =
        [
            new("<s>", 0, PieceKind.Control), new("<pad>", 0, PieceKind.Control), new("</s>", 0, PieceKind.Control), new("<unk>", 0, PieceKind.Unknown),
        ];
        pieces.AddRange(spec.Pieces.Skip(3));
        pieces.Add(new("<mask>", 0, PieceKind.Control));
        return spec with { Pieces = pieces };
    }
}

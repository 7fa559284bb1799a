using SkTuning.Tokenizers.Processors;
using SkTuning.Tokenizers.SubwordModels;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers;

public sealed partial class TextTokenizer
{
    private const int MaxPadding = 1 << 22;

    /// <summary>Encodes a text, or a pair of texts, as tokens with offsets, type ids and word ids.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">The second text, or null for a single text.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The encoding.</returns>
    /// <exception cref="SkTuningException">An option is out of range or cannot be met for this text.</exception>
    public TextEncoding Encode(string text, string? pair = null, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Assemble(most => Collect(text, most), pair is null ? null : most => Collect(pair, most), options ?? EncodeOptions.Default);
    }

    /// <summary>
    /// Encodes a text that is already split into words, for example to label each word. Each word passes through the pipeline by itself, offsets count from
    /// the start of the word, and word ids are indexes into <paramref name="words"/>.
    /// </summary>
    /// <param name="words">The words of the text.</param>
    /// <param name="pair">The words of the second text, or null for a single text.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The encoding.</returns>
    /// <exception cref="SkTuningException">An option is out of range or cannot be met for this text.</exception>
    public TextEncoding EncodeWords(IReadOnlyList<string> words, IReadOnlyList<string>? pair = null, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(words);
        return Assemble(
            most => CollectWords(words, most), pair is null ? null : most => CollectWords(pair, most), options ?? EncodeOptions.Default);
    }

    /// <summary>Encodes a text as ids alone, which is faster than a full encoding.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addSpecialTokens">Whether to put the special tokens of the tokenizer's template around the text.</param>
    /// <returns>The ids of the tokens.</returns>
    public int[] EncodeIds(ReadOnlySpan<char> text, bool addSpecialTokens = true)
    {
        var state = Rent();
        try
        {
            var tokens = RunIds(text, state);
            var ids = new int[addSpecialTokens ? _prefix.Length + tokens.Count + _suffix.Length : tokens.Count];
            var target = ids.AsSpan();
            if (addSpecialTokens)
            {
                _prefix.CopyTo(target);
                _suffix.CopyTo(target[^_suffix.Length..]);
                target = target[_prefix.Length..];
            }
            tokens.Ids.AsSpan(0, tokens.Count).CopyTo(target);
            return ids;
        }
        finally
        {
            Return(state);
        }
    }

    /// <summary>Appends the ids of a text to a list. Nothing is allocated except what the list needs to grow.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">The list to append to.</param>
    /// <param name="addSpecialTokens">Whether to put the special tokens of the tokenizer's template around the text.</param>
    public void AppendIds(ReadOnlySpan<char> text, List<int> ids, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var state = Rent();
        try
        {
            var tokens = RunIds(text, state);
            if (addSpecialTokens) ids.AddRange(_prefix.AsSpan());
            ids.AddRange(tokens.Ids.AsSpan(0, tokens.Count));
            if (addSpecialTokens) ids.AddRange(_suffix.AsSpan());
        }
        finally
        {
            Return(state);
        }
    }

    /// <summary>Encodes many texts as ids, on all cores.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="addSpecialTokens">Whether to put the special tokens of the tokenizer's template around each text.</param>
    /// <returns>The ids of each text, in order.</returns>
    public int[][] EncodeBatch(IReadOnlyList<string> texts, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var result = new int[texts.Count][];
        Parallel.For(0, texts.Count, i => result[i] = EncodeIds(texts[i], addSpecialTokens));
        return result;
    }

    /// <summary>Returns the first ids of a text, without special tokens. The rest of the text is not encoded where its tokens cannot matter.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">The maximum number of ids.</param>
    internal int[] FirstIds(ReadOnlySpan<char> text, int most)
    {
        var state = Rent();
        try
        {
            return RunIds(text, state, most).Ids.AsSpan(0, state.Tokens.Count).ToArray();
        }
        finally
        {
            Return(state);
        }
    }

    /// <summary>Returns the number of tokens of a text, without special tokens.</summary>
    internal int CountIds(ReadOnlySpan<char> text)
    {
        var state = Rent();
        try
        {
            return RunIds(text, state).Count;
        }
        finally
        {
            Return(state);
        }
    }

    private TokenList RunIds(ReadOnlySpan<char> text, EncodeState state, int most = int.MaxValue)
    {
        state.Tokens.Start(offsets: false, most);
        state.Budget.Start(text.Length);
        var word = 0;
        Run(text, state, ref word, countPieces: false);
        state.Tokens.Count = Math.Min(state.Tokens.Count, most);
        return state.Tokens;
    }

    private Sequence Collect(string text, int most)
    {
        var state = Rent();
        try
        {
            state.Tokens.Start(offsets: true, most);
            state.Budget.Start(text.Length);
            var word = 0;
            Run(text, state, ref word, countPieces: true);
            return new(state.Tokens, [text]);
        }
        finally
        {
            Return(state);
        }
    }

    private Sequence CollectWords(IReadOnlyList<string> words, int most)
    {
        var state = Rent();
        try
        {
            state.Tokens.Start(offsets: true, most);
            state.Budget.Start(words.Sum(w => (long)w.Length));
            for (var i = 0; i < words.Count && !state.Tokens.IsFull; i++)
            {
                var word = i;
                Run(words[i], state, ref word, countPieces: false);
            }
            return new(state.Tokens, words);
        }
        finally
        {
            Return(state);
        }
    }

    /// <summary>Reads the texts, truncates them and puts them into the template. The function reads the given number of tokens of a text at most.</summary>
    private TextEncoding Assemble(Func<int, Sequence> readFirst, Func<int, Sequence>? readSecond, EncodeOptions options)
    {
        if (readSecond is not null && _parts.PostProcessor.PairFault is { } fault) throw new SkTuningFileException(fault.Message, _parts.File, fault);
        // One token more than fits shows that a text is too long; only the lengths of two such texts matter.
        var most = options is { MaxLength: >= 0 and < int.MaxValue and var length, TruncationSide: TextSide.Right } ? length + 1 : int.MaxValue;
        var (first, second) = (readFirst(most), readSecond?.Invoke(most));
        if (second is not null && (options.Truncation == PairTruncation.LongestFirst ? first.IsCut && second.IsCut : first.IsCut || second.IsCut))
            (first, second) = (readFirst(int.MaxValue), readSecond!(int.MaxValue));
        return Assemble(first, second, options);
    }

    private TextEncoding Assemble(Sequence first, Sequence? second, EncodeOptions options)
    {
        var whole = first.Count + (second?.Count ?? 0);
        var processor = _parts.PostProcessor;
        var special = options.AddSpecialTokens;
        if (options.MaxLength is { } max)
        {
            if (max < 0) throw new SkTuningException($"EncodeOptions.MaxLength is {max}, expected 0 or more.");
            var added = special ? processor.Added(second is not null) : 0;
            if (max < added)
                throw new SkTuningException($"EncodeOptions.MaxLength is {max}, expected at least {added}: the tokenizer adds this many special tokens.");
            Truncator.Cut(first, second, max - added, options);
        }
        foreach (var trim in processor.Trims)
        {
            first.Trim(trim, TokenOf);
            second?.Trim(trim, TokenOf);
        }
        var places = second is null ? processor.Single : processor.Pair;
        var count = first.Count + (second?.Count ?? 0) + (special ? processor.Added(second is not null) : 0);
        var length = PaddedLength(count, options);
        var wasTruncated = first.Count + (second?.Count ?? 0) < whole;
        var padId = length > count ? options.PadId ?? PadId ?? throw NoPadding() : 0;
        var builder = new EncodingBuilder(length, length - count, options.PaddingSide, padId, options.PadTypeId);
        foreach (var place in places)
        {
            if (!place.IsText)
            {
                if (special) builder.AddSpecial(place.Id, place.TypeId);
            }
            else
            {
                var typeId = !special && processor.PlainTypeIds ? place.Sequence : place.TypeId;
                builder.Add(place.Sequence == 0 ? first : second!, place.Sequence, typeId);
            }
        }
        return builder.Finish(wasTruncated);
    }

    private static int PaddedLength(int count, EncodeOptions options)
    {
        long length = Math.Max(count, options.PadTo ?? 0);
        if (options.PadToMultipleOf is { } multiple)
        {
            if (multiple <= 0) throw new SkTuningException($"EncodeOptions.PadToMultipleOf is {multiple}, expected 1 or more.");
            length = (length + multiple - 1) / multiple * multiple;
        }
        if (length > Math.Max(MaxPadding, count))
            throw new SkTuningException($"EncodeOptions asks for padding to {length} tokens, expected at most {MaxPadding}.");
        return (int)length;
    }

    private static SkTuningException NoPadding() => new("The tokenizer's files name no padding token. Set EncodeOptions.PadId.");
}

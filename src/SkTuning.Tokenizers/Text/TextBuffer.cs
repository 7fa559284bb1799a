using System.Runtime.CompilerServices;

namespace SkTuning.Tokenizers.Text;

/// <summary>
/// The text on its way through the pipeline, in UTF-16, and the part of the original text that each code unit came from: <see cref="From"/> to
/// <see cref="To"/>, the same for both code units of a surrogate pair. Without offsets, only the text is kept. Lone surrogates are replaced with U+FFFD when
/// the text is loaded.
/// </summary>
internal sealed class TextBuffer
{
    private const int LargestKept = 1 << 16;

    private WorkBudget? _budget;

    public char[] Chars = new char[256];
    public int[] From = [];
    public int[] To = [];
    public int Length;

    /// <summary>Whether <see cref="From"/> and <see cref="To"/> are kept.</summary>
    public bool Offsets { get; private set; }

    public ReadOnlySpan<char> Span => Chars.AsSpan(0, Length);

    /// <summary>Empties the buffer.</summary>
    public void Start(bool offsets, WorkBudget budget)
    {
        Length = 0;
        Offsets = offsets;
        _budget = budget;
        if (offsets && From.Length < Chars.Length) (From, To) = (new int[Chars.Length], new int[Chars.Length]);
    }

    /// <summary>Loads a part of the original text, which starts at <paramref name="at"/> there.</summary>
    public void Load(ReadOnlySpan<char> text, int at, bool offsets, WorkBudget budget)
    {
        Start(offsets, budget);
        Reserve(text.Length);
        text.CopyTo(Chars);
        Length = text.Length;
        if (text.IndexOfAnyInRange('\uD800', '\uDFFF') >= 0) ReplaceLoneSurrogates();
        if (!offsets) return;
        for (var i = 0; i < Length; i++)
        {
            var units = char.IsHighSurrogate(Chars[i]) ? 2 : 1;
            for (var u = 0; u < units; u++) (From[i + u], To[i + u]) = (at + i, at + i + units);
            i += units - 1;
        }
    }

    /// <summary>Gives back the memory that a long text took.</summary>
    public void Trim()
    {
        Length = 0;
        if (Chars.Length > LargestKept) (Chars, From, To) = (new char[256], [], []);
    }

    public void Reserve(int more)
    {
        if ((uint)(Length + more) > (uint)Chars.Length) Grow(Length + more);
    }

    /// <summary>Adds a code unit that came from <paramref name="from"/> to <paramref name="to"/> of the original text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(char c, int from, int to)
    {
        if (Length == Chars.Length) Grow(Length + 1);
        Chars[Length] = c;
        if (Offsets) (From[Length], To[Length]) = (from, to);
        Length++;
    }

    /// <summary>Adds a code unit with the origin of the code unit <paramref name="at"/> of <paramref name="source"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddLike(char c, TextBuffer source, int at)
    {
        if (Length == Chars.Length) Grow(Length + 1);
        Chars[Length] = c;
        if (Offsets) (From[Length], To[Length]) = (source.From[at], source.To[at]);
        Length++;
    }

    /// <summary>Adds a text whose code units all have the origin of the code unit <paramref name="at"/> of <paramref name="source"/>.</summary>
    public void AddLike(ReadOnlySpan<char> text, TextBuffer source, int at)
    {
        foreach (var c in text) AddLike(c, source, at);
    }

    /// <summary>Adds a code point with the origin of the code unit <paramref name="at"/> of <paramref name="source"/>.</summary>
    public void AddLike(int codePoint, TextBuffer source, int at)
    {
        if (codePoint < 0x10000)
        {
            AddLike((char)codePoint, source, at);
            return;
        }
        AddLike((char)(0xD800 + ((codePoint - 0x10000) >> 10)), source, at);
        AddLike((char)(0xDC00 + (codePoint & 0x3FF)), source, at);
    }

    /// <summary>Adds a part of another buffer, together with its origins.</summary>
    public void AddPart(TextBuffer source, int start, int end)
    {
        var count = end - start;
        Reserve(count);
        source.Chars.AsSpan(start, count).CopyTo(Chars.AsSpan(Length));
        if (Offsets)
        {
            source.From.AsSpan(start, count).CopyTo(From.AsSpan(Length));
            source.To.AsSpan(start, count).CopyTo(To.AsSpan(Length));
        }
        Length += count;
    }

    private void Grow(int atLeast)
    {
        var most = _budget!.CharactersLeft;
        if (atLeast < 0 || atLeast > most) throw _budget.TooMuch();
        var size = (int)Math.Min(most, Math.Max(atLeast, Chars.Length * (Chars.Length <= LargestKept ? 2L : 1.5)));
        Array.Resize(ref Chars, size);
        if (!Offsets) return;
        Array.Resize(ref From, size);
        Array.Resize(ref To, size);
    }

    private void ReplaceLoneSurrogates()
    {
        for (var i = 0; i < Length; i++)
        {
            if (!char.IsSurrogate(Chars[i])) continue;
            if (char.IsHighSurrogate(Chars[i]) && i + 1 < Length && char.IsLowSurrogate(Chars[i + 1])) i++;
            else Chars[i] = '\uFFFD';
        }
    }
}

namespace SkTuning.Tokenizers.Text;

/// <summary>
/// Rewrites a text character by character and tracks the origin of each new character, as defined by the Hugging Face tokenizers library. The change of a
/// new character is 0 if it replaces the next old character, -N if it replaces the next old character and N more, and 1 if it is inserted, in which case it
/// has the origin of the character before it.
/// </summary>
internal ref struct TextTransform(TextBuffer source, TextBuffer target, int start)
{
    private readonly bool _offsets = target.Offsets;
    private int _at;

    /// <summary>Skips old characters.</summary>
    public void Skip(int characters)
    {
        for (; characters > 0 && _at < source.Length; characters--) _at += UnitsAt(_at);
    }

    public void Add(int codePoint, int change)
    {
        if (!_offsets)
        {
            target.AddLike(codePoint, source, 0);
            return;
        }
        if (change > 0)
        {
            if (_at > 0) target.AddLike(codePoint, source, _at - 1);
            else AddAt(codePoint, start);
            return;
        }
        if (_at < source.Length) target.AddLike(codePoint, source, _at);
        else AddAt(codePoint, start);
        Skip(1 - change);
    }

    private readonly void AddAt(int codePoint, int origin)
    {
        var first = target.Length;
        target.AddLike(codePoint, source, 0);
        for (var i = first; i < target.Length; i++) target.From[i] = target.To[i] = origin;
    }

    private readonly int UnitsAt(int at) => char.IsHighSurrogate(source.Chars[at]) && at + 1 < source.Length ? 2 : 1;
}

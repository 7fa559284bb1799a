namespace SkTuning.Tokenizers.Text;

/// <summary>
/// Rewrites a text character by character and keeps track of where each new one comes from, by the definition of the Hugging Face tokenizers library: every
/// character says whether it takes the place of the next old one (0), of the next old one and N more (-N), or is put in (1) and shares the origin of what is before it.
/// </summary>
internal ref struct TextTransform(TextBuffer source, TextBuffer target, int start)
{
    private readonly bool _offsets = target.Offsets;
    private int _at;

    /// <summary>Leaves out old characters at the very start.</summary>
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

namespace SkTuning.Tokenizers.Text;

/// <summary>
/// Finds a fixed text. The search of .NET compares a long text again at every position where its ends match; for long texts, the algorithm of Knuth, Morris and
/// Pratt is used, which takes time proportional to the text that is searched.
/// </summary>
internal sealed class TextSearch
{
    private const int LongText = 32;

    private readonly string _wanted;
    private readonly int[] _border = [];

    /// <param name="wanted">The text to find, which is not empty.</param>
    public TextSearch(string wanted)
    {
        _wanted = wanted;
        if (wanted.Length <= LongText) return;
        // The length of the longest proper prefix of wanted[..i + 1] that is also its suffix.
        _border = new int[wanted.Length];
        for (int i = 1, matched = 0; i < wanted.Length; i++)
        {
            while (matched > 0 && wanted[i] != wanted[matched]) matched = _border[matched - 1];
            if (wanted[i] == wanted[matched]) matched++;
            _border[i] = matched;
        }
    }

    /// <summary>Returns the position of the first occurrence of <paramref name="wanted"/>, or -1.</summary>
    public static int IndexOf(ReadOnlySpan<char> text, string wanted) => wanted.Length == 0 ? 0 : new TextSearch(wanted).Find(text, 0);

    /// <summary>Returns the position of the first occurrence at or after <paramref name="from"/>, or -1.</summary>
    public int Find(ReadOnlySpan<char> text, int from)
    {
        if (_border.Length == 0)
        {
            var at = text[from..].IndexOf(_wanted.AsSpan());
            return at < 0 ? -1 : from + at;
        }
        for (int i = from, matched = 0; i < text.Length; i++)
        {
            while (matched > 0 && text[i] != _wanted[matched]) matched = _border[matched - 1];
            if (text[i] == _wanted[matched]) matched++;
            if (matched == _wanted.Length) return i + 1 - matched;
        }
        return -1;
    }
}

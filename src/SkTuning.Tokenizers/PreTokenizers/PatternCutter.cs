using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.PreTokenizers;

/// <summary>Turns the spans of a text (matches, and the text between them), in order, into pieces.</summary>
internal ref struct PatternCutter(SplitBehavior behavior, int at, PieceList pieces)
{
    private int _start = -1;
    private int _end;
    private bool _lastMatch;

    /// <summary>Adds the next span. The spans cover the text without gaps.</summary>
    public void Add(int start, int end, bool match)
    {
        switch (behavior)
        {
            case SplitBehavior.Removed:
                if (!match) pieces.Add(at + start, at + end);
                return;
            case SplitBehavior.Isolated:
                pieces.Add(at + start, at + end);
                return;
            case SplitBehavior.MergedWithPrevious:
                // A match joins the span before it, unless that is a match too.
                if (match && !_lastMatch && _start >= 0) _end = end;
                else Open(start, end);
                break;
            case SplitBehavior.MergedWithNext:
                // The span after a match joins it, unless that is a match too.
                if (!match && _lastMatch) _end = end;
                else Open(start, end);
                break;
            case SplitBehavior.Contiguous:
                if (match == _lastMatch && _start >= 0) _end = end;
                else Open(start, end);
                break;
        }
        _lastMatch = match;
    }

    public void Finish()
    {
        if (_start >= 0) pieces.Add(at + _start, at + _end);
    }

    private void Open(int start, int end)
    {
        Finish();
        (_start, _end) = (start, end);
    }
}

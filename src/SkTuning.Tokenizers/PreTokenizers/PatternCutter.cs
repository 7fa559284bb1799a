using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.PreTokenizers;

/// <summary>Turns the spans of a text, in order, each a match or the text between two matches, into pieces.</summary>
internal ref struct PatternCutter(SplitBehavior behavior, int at, PieceList pieces)
{
    private int _start = -1;
    private int _end;
    private bool _lastMatch;

    /// <summary>The next span. Spans touch each other and cover the text.</summary>
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
                // A match joins what is before it, unless that is a match too.
                if (match && !_lastMatch && _start >= 0) _end = end;
                else Open(start, end);
                break;
            case SplitBehavior.MergedWithNext:
                // What follows a match joins it, unless it is a match too.
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

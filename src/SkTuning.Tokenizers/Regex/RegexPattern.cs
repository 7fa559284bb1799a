using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Regex;

/// <summary>
/// Matches an expression by backtracking over code points. The first alternative that matches is taken, as in Oniguruma. The number of steps on a text is
/// bounded by its <see cref="WorkBudget"/>, so that an expression that would take too long is reported instead.
/// </summary>
internal sealed class RegexPattern : Pattern
{
    private const int LargestKept = 1 << 14;
    private const int OutOfSteps = -2;

    private readonly RegexStep[] _steps;
    private readonly CodePointSet? _first;

    private struct Frame
    {
        public int Step;
        public int At;
        /// <summary>For a run: the position down to which it may backtrack; otherwise -1.</summary>
        public int Low;
    }

    [ThreadStatic]
    private static Frame[]? _frames;

    public RegexPattern(string expression)
    {
        Name = expression;
        var node = RegexParser.Parse(expression);
        _steps = RegexCompiler.Compile(node);
        _first = RegexCompiler.First(node);
    }

    public override string Name { get; }

    public override bool Find(ReadOnlySpan<char> text, int from, WorkBudget budget, out int start, out int end)
    {
        var given = budget.StepsLeft(_steps.Length);
        var left = given;
        var found = Find(text, from, ref left, out start, out end);
        budget.Took(given - left);
        if (_frames?.Length > LargestKept) _frames = null;
        return end != OutOfSteps ? found : throw budget.TooLong($"the expression '{(Name.Length <= 100 ? Name : Name[..100] + "...")}'");
    }

    private bool Find(ReadOnlySpan<char> text, int from, ref long budget, out int start, out int end)
    {
        for (var at = from; at <= text.Length;)
        {
            if (_first is not null)
            {
                int units;
                while (at < text.Length && !_first.Contains(CodePoints.At(text, at, out units))) at += units;
                if (at >= text.Length) break;
            }
            end = Match(text, 0, at, 0, ref budget);
            if (end is >= 0 or OutOfSteps)
            {
                start = at;
                return true;
            }
            if (at >= text.Length) break;
            CodePoints.At(text, at, out var one);
            at += one;
        }
        start = end = -1;
        return false;
    }

    /// <summary>Returns the end of the match that starts with a step and at a position, -1, or <see cref="OutOfSteps"/>.</summary>
    private int Match(ReadOnlySpan<char> text, int step, int at, int floor, ref long budget)
    {
        var frames = _frames ??= new Frame[256];
        var top = floor;
        while (true)
        {
            if (--budget < 0) return OutOfSteps;
            ref readonly var s = ref _steps[step];
            bool ok;
            switch (s.Op)
            {
                case RegexOp.Match: return at;
                case RegexOp.One:
                    ok = at < text.Length && s.Set!.Contains(CodePoints.At(text, at, out var units)) && (at += units) > 0;
                    step++;
                    break;
                case RegexOp.Jump:
                    step = s.Target;
                    continue;
                case RegexOp.Guard:
                    step = at < text.Length && s.Set!.Contains(CodePoints.At(text, at, out _)) ? step + 1 : s.Target;
                    continue;
                case RegexOp.Split:
                    Push(ref frames, ref top, s.Target, at, -1);
                    step++;
                    continue;
                case RegexOp.Run or RegexOp.RunKept:
                    var (count, low) = (0, s.Min == 0 ? at : -1);
                    while (count < s.Max && at < text.Length && s.Set!.Contains(CodePoints.At(text, at, out units)))
                    {
                        at += units;
                        if (++count == s.Min) low = at;
                    }
                    budget -= count / 8;
                    ok = count >= s.Min;
                    step++;
                    if (ok && s.Op == RegexOp.Run && at > low) Push(ref frames, ref top, step, at, low);
                    break;
                case RegexOp.Ahead or RegexOp.NotAhead:
                    var ahead = Match(text, step + 1, at, top, ref budget);
                    if (ahead == OutOfSteps) return OutOfSteps;
                    ok = ahead >= 0 == (s.Op == RegexOp.Ahead);
                    frames = _frames!;
                    step = s.Target;
                    break;
                case RegexOp.Atomic:
                    var end = Match(text, step + 1, at, top, ref budget);
                    if (end == OutOfSteps) return OutOfSteps;
                    frames = _frames!;
                    ok = end >= 0;
                    if (ok) (at, step) = (end, s.Target);
                    break;
                case RegexOp.Behind or RegexOp.NotBehind:
                    ok = (at > 0 && s.Set!.Contains(CodePoints.Before(text, at, out _))) == (s.Op == RegexOp.Behind);
                    step++;
                    break;
                default:
                    ok = Holds((Anchor)s.Min, text, at);
                    step++;
                    break;
            }
            if (ok) continue;
            if (top == floor) return -1;
            ref var frame = ref frames[top - 1];
            (step, at) = (frame.Step, frame.At);
            if (frame.Low < 0) top--;
            else
            {
                CodePoints.Before(text, at, out var back);
                at -= back;
                frame.At = at;
                if (at <= frame.Low) top--;
            }
        }
    }

    private static void Push(ref Frame[] frames, ref int top, int step, int at, int low)
    {
        if (top == frames.Length)
        {
            Array.Resize(ref frames, top * 2);
            _frames = frames;
        }
        frames[top++] = new() { Step = step, At = at, Low = low };
    }

    private static bool Holds(Anchor anchor, ReadOnlySpan<char> text, int at) => anchor switch
    {
        Anchor.LineStart => at == 0 || (text[at - 1] == '\n' && at < text.Length),
        Anchor.LineEnd => at == text.Length || text[at] == '\n',
        Anchor.TextStart => at == 0,
        Anchor.TextEnd => at == text.Length,
        Anchor.TextEndOrLine => at == text.Length || (at == text.Length - 1 && text[at] == '\n'),
        Anchor.WordBoundary => IsWordBoundary(text, at),
        _ => !IsWordBoundary(text, at),
    };

    private static bool IsWordBoundary(ReadOnlySpan<char> text, int at)
    {
        var word = NamedSets.Find("word")!;
        return (at > 0 && word.Contains(CodePoints.Before(text, at, out _))) != (at < text.Length && word.Contains(CodePoints.At(text, at, out _)));
    }
}

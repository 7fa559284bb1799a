namespace SkTuning.Tokenizers.Regex;

/// <summary>The operations of the matcher.</summary>
internal enum RegexOp : byte
{
    Match,
    /// <summary>Matches one character of a set.</summary>
    One,
    Jump,
    /// <summary>Continues with the next step and, if that fails, at the target.</summary>
    Split,
    /// <summary>Jumps to the target if the next character is not in the set.</summary>
    Guard,
    /// <summary>Matches as many characters of a set as possible and backtracks one by one.</summary>
    Run,
    /// <summary>Matches as many characters of a set as possible and does not backtrack.</summary>
    RunKept,
    /// <summary>Looks ahead with the steps that follow, then continues at the target.</summary>
    Ahead,
    NotAhead,
    /// <summary>Checks that the previous character is in the set.</summary>
    Behind,
    NotBehind,
    Atomic,
    Anchor,
}

/// <summary>A step of the matcher: its operation, its set or anchor, its jump target, and the bounds of a repetition.</summary>
internal struct RegexStep
{
    public RegexOp Op;
    public CodePointSet? Set;
    public int Target;

    /// <summary>The minimum of a repetition, or the <see cref="Anchor"/>.</summary>
    public int Min;
    public int Max;
}

/// <summary>Compiles a parsed expression to steps.</summary>
internal sealed class RegexCompiler
{
    private const int MaxSteps = 20_000;
    private readonly List<RegexStep> _steps = [];

    public static RegexStep[] Compile(RegexNode node)
    {
        var compiler = new RegexCompiler();
        compiler.Add(node);
        compiler.Emit(new() { Op = RegexOp.Match });
        return [.. compiler._steps];
    }

    /// <summary>Returns the characters that a match can start with; null if a match can be empty or start with any character.</summary>
    public static CodePointSet? First(RegexNode node)
    {
        switch (node)
        {
            case SetNode s: return s.Set;
            case SequenceNode s:
                var start = new CodePointSet();
                foreach (var part in s.Parts)
                {
                    if (part is AnchorNode or LookNode) continue;
                    if (FirstOrEmpty(part) is not { } first) return null;
                    start.Add(first);
                    if (!RegexParser.IsNullable(part)) return start;
                }
                return null;
            case ChoiceNode c:
                var all = new CodePointSet();
                foreach (var part in c.Parts)
                {
                    if (First(part) is not { } first) return null;
                    all.Add(first);
                }
                return all;
            case RepeatNode { Min: > 0 } r: return First(r.Body);
            case AtomicNode a: return First(a.Body);
            default: return null;
        }
    }

    /// <summary>The same as <see cref="First"/>, for a part that may be empty.</summary>
    private static CodePointSet? FirstOrEmpty(RegexNode node) => node is RepeatNode r ? First(r.Body) : First(node);

    private int Emit(RegexStep step)
    {
        if (_steps.Count >= MaxSteps) throw new NotSupportedException("repetitions that unfold into too many steps");
        _steps.Add(step);
        return _steps.Count - 1;
    }

    private void Patch(int at) => _steps[at] = _steps[at] with { Target = _steps.Count };

    private void Add(RegexNode node)
    {
        switch (node)
        {
            case SetNode s: Emit(new() { Op = RegexOp.One, Set = s.Set }); break;
            case SequenceNode s:
                foreach (var part in s.Parts) Add(part);
                break;
            case ChoiceNode c: AddChoice(c); break;
            case RepeatNode { Body: var body, Kind: not Repetition.Lazy } r when Single(body) is { } set:
                var op = r.Kind == Repetition.Greedy ? RegexOp.Run : RegexOp.RunKept;
                Emit(new() { Op = op, Set = set, Min = r.Min, Max = r.Max < 0 ? int.MaxValue : r.Max });
                break;
            case RepeatNode { Kind: Repetition.Possessive } r: Add(new AtomicNode(r with { Kind = Repetition.Greedy })); break;
            case RepeatNode r: AddRepeat(r); break;
            case LookNode { Behind: true, Body: SetNode s } l:
                Emit(new() { Op = l.Negative ? RegexOp.NotBehind : RegexOp.Behind, Set = s.Set });
                break;
            case LookNode l: AddInner(l.Negative ? RegexOp.NotAhead : RegexOp.Ahead, l.Body); break;
            case AtomicNode a: AddInner(RegexOp.Atomic, a.Body); break;
            case AnchorNode a: Emit(new() { Op = RegexOp.Anchor, Min = (int)a.Anchor }); break;
            default: throw new NotSupportedException(node.GetType().Name);
        }
    }

    private static CodePointSet? Single(RegexNode node) => node switch
    {
        SetNode s => s.Set,
        SequenceNode { Parts: [var one] } => Single(one),
        _ => null,
    };

    private void AddInner(RegexOp op, RegexNode body)
    {
        var at = Emit(new() { Op = op });
        Add(body);
        Emit(new() { Op = RegexOp.Match });
        Patch(at);
    }

    private void AddChoice(ChoiceNode choice)
    {
        var ends = new List<int>();
        for (var i = 0; i < choice.Parts.Count; i++)
        {
            var last = i == choice.Parts.Count - 1;
            var guard = !last && First(choice.Parts[i]) is { } first ? Emit(new() { Op = RegexOp.Guard, Set = first }) : -1;
            var split = last ? -1 : Emit(new() { Op = RegexOp.Split });
            Add(choice.Parts[i]);
            if (!last) ends.Add(Emit(new() { Op = RegexOp.Jump }));
            if (split >= 0) Patch(split);
            if (guard >= 0) Patch(guard);
        }
        foreach (var end in ends) Patch(end);
    }

    private void AddRepeat(RepeatNode repeat)
    {
        for (var i = 0; i < repeat.Min; i++) Add(repeat.Body);
        var lazy = repeat.Kind == Repetition.Lazy;
        if (repeat.Max < 0)
        {
            var start = _steps.Count;
            var enter = Enter(lazy);
            Add(repeat.Body);
            Emit(new() { Op = RegexOp.Jump, Target = start });
            Leave(enter, lazy);
            return;
        }
        var enters = new List<int>();
        for (var i = repeat.Min; i < repeat.Max; i++)
        {
            enters.Add(Enter(lazy));
            Add(repeat.Body);
        }
        foreach (var enter in enters) Leave(enter, lazy);
    }

    /// <summary>Greedy: tries the body first, then the steps after it. Lazy: tries the steps after the body first (by a jump), then the body.</summary>
    private int Enter(bool lazy)
    {
        var at = Emit(new() { Op = RegexOp.Split });
        if (lazy)
        {
            Emit(new() { Op = RegexOp.Jump });
            Patch(at);
        }
        return at;
    }

    private void Leave(int enter, bool lazy) => Patch(lazy ? enter + 1 : enter);
}

namespace SkTuning.Tokenizers.Regex;

/// <summary>What the matcher does, one step each.</summary>
internal enum RegexOp : byte
{
    Match,
    /// <summary>One character of a set.</summary>
    One,
    Jump,
    /// <summary>Goes on; if that fails, from the target.</summary>
    Split,
    /// <summary>Goes to the target if the next character is not in the set.</summary>
    Guard,
    /// <summary>As many of a set as there are, given back one by one.</summary>
    Run,
    /// <summary>As many of a set as there are, kept.</summary>
    RunKept,
    /// <summary>Looks ahead with what follows, then goes on at the target.</summary>
    Ahead,
    NotAhead,
    /// <summary>Whether the character before is in the set.</summary>
    Behind,
    NotBehind,
    Atomic,
    Place,
}

/// <summary>A step: which set or place, where to, and how often.</summary>
internal struct RegexStep
{
    public RegexOp Op;
    public CodePointSet? Set;
    public int Target;
    public int Least;
    public int Most;
}

/// <summary>From a parsed expression to steps.</summary>
internal sealed class RegexCompiler
{
    private const int MostSteps = 20_000;
    private readonly List<RegexStep> _steps = [];

    public static RegexStep[] Compile(RegexNode node)
    {
        var compiler = new RegexCompiler();
        compiler.Add(node);
        compiler.Emit(new() { Op = RegexOp.Match });
        return [.. compiler._steps];
    }

    /// <summary>The characters a match can start with; null if it can be empty or start anywhere.</summary>
    public static CodePointSet? First(RegexNode node)
    {
        switch (node)
        {
            case SetNode s: return s.Set;
            case RowNode r:
                var row = new CodePointSet();
                foreach (var part in r.Parts)
                {
                    if (part is PlaceNode or LookNode) continue;
                    if (FirstOrEmpty(part) is not { } first) return null;
                    row.Add(first);
                    if (!RegexParser.IsNullable(part)) return row;
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
            case RepeatNode { Least: > 0 } r: return First(r.Body);
            case AtomicNode a: return First(a.Body);
            default: return null;
        }
    }

    /// <summary>The same for a part that may be left out.</summary>
    private static CodePointSet? FirstOrEmpty(RegexNode node) => node is RepeatNode r ? First(r.Body) : First(node);

    private int Emit(RegexStep step)
    {
        if (_steps.Count >= MostSteps) throw new NotSupportedException("repetitions that unfold into too many steps");
        _steps.Add(step);
        return _steps.Count - 1;
    }

    private void Patch(int at) => _steps[at] = _steps[at] with { Target = _steps.Count };

    private void Add(RegexNode node)
    {
        switch (node)
        {
            case SetNode s: Emit(new() { Op = RegexOp.One, Set = s.Set }); break;
            case RowNode r:
                foreach (var part in r.Parts) Add(part);
                break;
            case ChoiceNode c: AddChoice(c); break;
            case RepeatNode { Body: var body, Kind: not Repetition.Lazy } r when Single(body) is { } set:
                Emit(new() { Op = r.Kind == Repetition.Greedy ? RegexOp.Run : RegexOp.RunKept, Set = set, Least = r.Least, Most = r.Most < 0 ? int.MaxValue : r.Most });
                break;
            case RepeatNode { Kind: Repetition.Possessive } r: Add(new AtomicNode(r with { Kind = Repetition.Greedy })); break;
            case RepeatNode r: AddRepeat(r); break;
            case LookNode { Behind: true, Body: SetNode s } l: Emit(new() { Op = l.Negative ? RegexOp.NotBehind : RegexOp.Behind, Set = s.Set }); break;
            case LookNode l: AddInner(l.Negative ? RegexOp.NotAhead : RegexOp.Ahead, l.Body); break;
            case AtomicNode a: AddInner(RegexOp.Atomic, a.Body); break;
            case PlaceNode p: Emit(new() { Op = RegexOp.Place, Least = (int)p.Place }); break;
            default: throw new NotSupportedException(node.GetType().Name);
        }
    }

    private static CodePointSet? Single(RegexNode node) => node switch
    {
        SetNode s => s.Set,
        RowNode { Parts: [var one] } => Single(one),
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
        for (var i = 0; i < repeat.Least; i++) Add(repeat.Body);
        var lazy = repeat.Kind == Repetition.Lazy;
        if (repeat.Most < 0)
        {
            var start = _steps.Count;
            var enter = Enter(lazy);
            Add(repeat.Body);
            Emit(new() { Op = RegexOp.Jump, Target = start });
            Leave(enter, lazy);
            return;
        }
        var enters = new List<int>();
        for (var i = repeat.Least; i < repeat.Most; i++)
        {
            enters.Add(Enter(lazy));
            Add(repeat.Body);
        }
        foreach (var enter in enters) Leave(enter, lazy);
    }

    /// <summary>Greedy: go in, else past the end. Lazy: past the end first (by a jump), else go in.</summary>
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

using System.Text;

namespace SkTuning.Tokenizers.Chat;

/// <summary>A chat template, which is parsed once and rendered many times. The work of a rendering is limited by a <see cref="TemplateBudget"/>.</summary>
internal sealed class Template
{
    private readonly IReadOnlyList<Node> _nodes;

    private Template(IReadOnlyList<Node> nodes) => _nodes = nodes;

    private enum Flow
    {
        On,
        Break,
        Continue,
    }

    public static Template Parse(string template) => new(TemplateParser.Parse(template));

    public string Render(IReadOnlyDictionary<string, object?> variables)
    {
        var rendering = new Rendering(new TemplateScope(variables), new TemplateBudget(Characters(variables)));
        rendering.Write(_nodes, rendering.Scope);
        return rendering.Output.ToString();
    }

    /// <summary>Returns the length of the texts in the variables, which are lists and dictionaries that the caller made.</summary>
    private static long Characters(object? value) => value switch
    {
        string s => s.Length,
        List<object?> l => l.Sum(i => Characters(i)) + l.Count,
        IReadOnlyDictionary<string, object?> d => d.Sum(p => p.Key.Length + Characters(p.Value)),
        _ => 0,
    };

    private sealed class Rendering(TemplateScope scope, TemplateBudget budget)
    {
        private readonly TemplateEvaluator _evaluator = new(budget);
        private readonly TemplateValues _values = new(budget);

        public TemplateScope Scope => scope;

        public StringBuilder Output { get; private set; } = new();

        public Flow Write(IReadOnlyList<Node> nodes, TemplateScope scope)
        {
            foreach (var node in nodes)
            {
                budget.Spend();
                switch (node)
                {
                    case TextNode text: Append(text.Text); break;
                    case OutputNode output: Append(TemplateValues.ToText(_evaluator.Value(output.Value, scope))); break;
                    case IfNode choice:
                        foreach (var (condition, body) in choice.Branches)
                        {
                            if (condition is not null && !TemplateValues.IsTrue(_evaluator.Value(condition, scope))) continue;
                            if (Write(body, scope) is not Flow.On and var flow) return flow;
                            break;
                        }
                        break;
                    case ForNode loop: Loop(loop, scope); break;
                    case SetNode set: Set(set, scope); break;
                    case BreakNode leave: return leave.Continue ? Flow.Continue : Flow.Break;
                }
            }
            return Flow.On;
        }

        private void Append(string text)
        {
            budget.Make(text.Length);
            Output.Append(text);
        }

        private void Loop(ForNode loop, TemplateScope scope)
        {
            var items = _values.Items(_evaluator.Value(loop.Items, scope));
            if (loop.Condition is { } condition)
            {
                budget.Items(items.Count);
                items = items.FindAll(item => TemplateValues.IsTrue(_evaluator.Value(condition, Bind(loop, item, scope))));
            }
            if (items.Count == 0)
            {
                Write(loop.Else, scope);
                return;
            }
            for (var i = 0; i < items.Count; i++)
            {
                budget.Spend(TemplateBudget.Pass);
                var inner = Bind(loop, items[i], scope);
                inner.Set("loop", new Dictionary<string, object?>(StringComparer.Ordinal)
                {
                    ["index"] = (long)i + 1, ["index0"] = (long)i, ["first"] = i == 0, ["last"] = i == items.Count - 1, ["length"] = (long)items.Count,
                    ["revindex"] = (long)items.Count - i, ["revindex0"] = (long)items.Count - i - 1,
                    ["previtem"] = i > 0 ? items[i - 1] : Undefined.Of("loop.previtem"),
                    ["nextitem"] = i + 1 < items.Count ? items[i + 1] : Undefined.Of("loop.nextitem"),
                });
                if (Write(loop.Body, inner) == Flow.Break) break;
            }
        }

        private TemplateScope Bind(ForNode loop, object? item, TemplateScope scope)
        {
            budget.Spend(TemplateBudget.Entry);
            var inner = new TemplateScope(scope);
            if (loop.Names.Count == 1) inner.Set(loop.Names[0], item);
            else
            {
                var parts = _values.Items(item);
                if (parts.Count != loop.Names.Count) throw TemplateError.While($"unpacks {parts.Count} values into {loop.Names.Count} names");
                for (var i = 0; i < parts.Count; i++) inner.Set(loop.Names[i], parts[i]);
            }
            return inner;
        }

        private void Set(SetNode set, TemplateScope scope)
        {
            object? value;
            if (set.Value is not null) value = _evaluator.Value(set.Value, scope);
            else
            {
                var outer = Output;
                Output = new();
                Write(set.Body, new TemplateScope(scope));
                budget.Make(Output.Length);
                value = Output.ToString();
                Output = outer;
            }
            budget.Read(set.Name.Length + (set.Entry?.Length ?? 0));
            if (set.Entry is null) scope.Set(set.Name, value);
            else if (scope.Get(set.Name) is Namespace space) space[set.Entry] = value;
            else throw TemplateError.While($"sets '{set.Name}.{set.Entry}', but '{set.Name}' is not a namespace");
        }
    }
}

/// <summary>The names that are defined in a scope: its own names, and those of the outer scopes.</summary>
internal sealed class TemplateScope
{
    private readonly Dictionary<string, object?> _names = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, object?>? _variables;
    private readonly TemplateScope? _outer;

    public TemplateScope(TemplateScope outer) => _outer = outer;

    public TemplateScope(IReadOnlyDictionary<string, object?> variables) => _variables = variables;

    public void Set(string name, object? value) => _names[name] = value;

    public object? Get(string name)
    {
        for (var scope = this; scope is not null; scope = scope._outer)
            if (scope._names.TryGetValue(name, out var value) || scope._variables?.TryGetValue(name, out value) is true) return value;
        return Undefined.Of(name);
    }
}

using System.Text;

namespace SkTuning.Tokenizers.Chat;

/// <summary>The kinds of template tokens.</summary>
internal enum LexKind
{
    /// <summary>Literal text.</summary>
    Text,
    /// <summary>{{: the tokens up to <see cref="End"/> are an expression.</summary>
    Output,
    /// <summary>{%: the tokens up to <see cref="End"/> are a statement.</summary>
    Statement,
    End,
    Name,
    String,
    Number,
    Sign,
}

/// <summary>A token of a template and its position.</summary>
internal readonly record struct Lex(LexKind Kind, string Value, int At);

/// <summary>
/// Splits a template into text and tokens, with the white space rules that transformers sets: the first line end after a statement is removed, and so is white
/// space between the start of a line and a statement (trim_blocks, lstrip_blocks).
/// </summary>
internal static class TemplateLexer
{
    /// <summary>The largest length of a template; the templates of models have a few thousand characters.</summary>
    private const int MaxLength = 1 << 18;

    private static readonly string[] Signs =
        ["==", "!=", "<=", ">=", "//", "**", "(", ")", "[", "]", "{", "}", ".", ",", ":", "|", "=", "<", ">", "+", "-", "*", "/", "%", "~"];

    public static List<Lex> Cut(string template)
    {
        if (template.Length > MaxLength) throw TemplateError.While($"has {template.Length} characters, more than {MaxLength}");
        // A single line end at the end of the template is removed, as in Jinja.
        if (template.EndsWith('\n')) template = template[..^1];
        var tokens = new List<Lex>();
        var (at, trimNext, lineNext) = (0, false, false);
        while (at < template.Length)
        {
            var open = FindOpen(template, at);
            var text = template[at..open];
            if (lineNext && text.StartsWith('\n')) text = text[1..];
            if (trimNext) text = text.TrimStart();
            (trimNext, lineNext) = (false, false);
            if (open == template.Length)
            {
                Add(tokens, LexKind.Text, text, at);
                break;
            }
            var mark = template[open + 1];
            var inside = open + 2;
            var control = inside < template.Length ? template[inside] : ' ';
            if (control == '-') text = text.TrimEnd();
            else if (mark != '{' && control != '+') text = WithoutIndent(text, LineStartsIn(template, open));
            if (control is '-' or '+') inside++;
            Add(tokens, LexKind.Text, text, at);
            if (mark == '#')
            {
                var end = template.IndexOf("#}", inside, StringComparison.Ordinal);
                if (end < 0) throw TemplateError.At("an unterminated comment", open);
                (trimNext, lineNext, at) = (template[end - 1] == '-', true, end + 2);
                continue;
            }
            tokens.Add(new(mark == '{' ? LexKind.Output : LexKind.Statement, "", open));
            at = Inside(template, inside, mark == '{' ? "}}" : "%}", tokens, out trimNext);
            lineNext = mark == '%';
        }
        return tokens;
    }

    private static int FindOpen(string template, int at)
    {
        for (; (at = template.IndexOf('{', at)) >= 0; at++)
            if (at + 1 < template.Length && template[at + 1] is '{' or '%' or '#') return at;
        return template.Length;
    }

    private static bool LineStartsIn(string template, int open)
    {
        var i = open;
        while (i > 0 && template[i - 1] is ' ' or '\t') i--;
        return i == 0 || template[i - 1] == '\n';
    }

    private static string WithoutIndent(string text, bool atLineStart) => atLineStart ? text.TrimEnd(' ', '\t') : text;

    private static void Add(List<Lex> tokens, LexKind kind, string value, int at)
    {
        if (value.Length > 0) tokens.Add(new(kind, value, at));
    }

    /// <summary>Adds the tokens up to the end mark; returns the position after it.</summary>
    private static int Inside(string template, int at, string end, List<Lex> tokens, out bool trim)
    {
        var depth = 0;
        while (true)
        {
            while (at < template.Length && char.IsWhiteSpace(template[at])) at++;
            if (at >= template.Length) throw TemplateError.At($"no '{end}'", at);
            trim = template[at] == '-' && string.CompareOrdinal(template, at + 1, end, 0, 2) == 0;
            var plus = template[at] == '+' && string.CompareOrdinal(template, at + 1, end, 0, 2) == 0;
            if (depth == 0 && (trim || plus || string.CompareOrdinal(template, at, end, 0, 2) == 0))
            {
                tokens.Add(new(LexKind.End, "", at));
                return at + (trim || plus ? 3 : 2);
            }
            var start = at;
            var c = template[at];
            if (c is '"' or '\'') tokens.Add(new(LexKind.String, Literal(template, ref at), start));
            else if (char.IsAsciiDigit(c))
            {
                while (at < template.Length && char.IsAsciiDigit(template[at])) at++;
                tokens.Add(new(LexKind.Number, template[start..at], start));
            }
            else if (char.IsLetter(c) || c == '_')
            {
                while (at < template.Length && (char.IsLetterOrDigit(template[at]) || template[at] == '_')) at++;
                tokens.Add(new(LexKind.Name, template[start..at], start));
            }
            else
            {
                var sign = Array.Find(Signs, s => string.CompareOrdinal(template, start, s, 0, s.Length) == 0)
                    ?? throw TemplateError.At($"the character '{c}'", at);
                depth += sign is "{" or "[" or "(" ? 1 : sign is "}" or "]" or ")" ? -1 : 0;
                tokens.Add(new(LexKind.Sign, sign, start));
                at += sign.Length;
            }
        }
    }

    private static string Literal(string template, ref int at)
    {
        var (quote, start) = (template[at++], at);
        var text = new StringBuilder();
        while (at < template.Length && template[at] != quote)
        {
            var c = template[at++];
            if (c != '\\' || at >= template.Length)
            {
                text.Append(c);
                continue;
            }
            var escape = template[at++];
            text.Append(escape switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '\\' or '\'' or '"' => escape,
                _ => throw TemplateError.At($"the escape '\\{escape}'", at),
            });
        }
        if (at++ >= template.Length) throw TemplateError.At("an unterminated string", start);
        return text.ToString();
    }
}

using System.Text;

namespace SkTuning.Data;

/// <summary>
/// One token per line, a blank line between sentences. Columns are separated by tabs, or by spaces if a line has no tab. -DOCSTART- lines are
/// skipped. A line that begins with # is a comment, unless it has tabs or as many columns as the tokens before it: #hashtags are tokens.
/// </summary>
internal sealed class ConllParser(string path, TokenRowFileOptions options) : TokenParser(path, options)
{
    private const int MaxWords = 100_000;

    private readonly Utf8Lines _lines = new(path);
    private readonly List<string> _words = [], _tags = [];
    private readonly StringBuilder _content = new();
    private SkTuningException? _fault;
    private long _start;
    private int _columns;
    private bool _tabs;

    public override long Line => _start;

    public override string Content => _content.ToString().TrimEnd('\n');

    public override bool Advance()
    {
        _words.Clear();
        _tags.Clear();
        _content.Clear();
        (_fault, _start) = (null, 0);
        while (_lines.Next())
        {
            if (_lines.IsWhiteSpace)
            {
                if (_start > 0) return true;
                continue;
            }
            var begins = _start == 0;
            if (begins) _start = _lines.Number;
            if (!Take() && begins) _start = 0;
            if (_words.Count > MaxWords)
                throw SkTuningException.BadFile(
                    Path, $"line {_start}", $"the start of a sentence of more than {MaxWords} tokens", "a blank line between sentences");
        }
        return _start > 0;
    }

    public override TokenRow Parse() => _fault is null ? Row([.. _words], [.. _tags]) : throw _fault;

    public override void Dispose() => _lines.Dispose();

    /// <summary>
    /// False for a line that is not a token. The first error of a sentence is kept, and the rest of the sentence is read to find the next one.
    /// </summary>
    private bool Take()
    {
        string line;
        try { line = _lines.Text(); }
        catch (SkTuningException e)
        {
            _fault ??= e;
            _content.Append(_lines.LossyText()).Append('\n');
            return true;
        }
        var fields = line.Contains('\t') ? line.Split('\t') : line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var isComment = fields[0].StartsWith('#') && !line.Contains('\t') && (_tabs || fields.Length != _columns || fields is ["#", _, "=", ..]);
        if (isComment || fields[0] == "-DOCSTART-") return false;
        if (_content.Length < Utf8Lines.MaxLength) _content.Append(line).Append('\n');
        if (_columns == 0) (_columns, _tabs) = (fields.Length, line.Contains('\t'));
        var tag = Options.TagColumn < 0 ? fields.Length + Options.TagColumn : Options.TagColumn;
        if (fields.Length != _columns) Fault($"a line of {Count(fields.Length)}", $"{_columns}, as in the first line");
        else if (Options.WordColumn >= fields.Length || tag < 0 || tag >= fields.Length || tag == Options.WordColumn)
            Fault($"a line of {Count(fields.Length)}",
                $"a word in column {Options.WordColumn} and a tag in column {Options.TagColumn} (from 0; negative numbers count from the end)");
        else
        {
            _words.Add(fields[Options.WordColumn]);
            _tags.Add(fields[tag]);
        }
        return true;
    }

    private void Fault(string found, string expected) => _fault ??= SkTuningException.BadFile(Path, $"line {_lines.Number}", found, expected,
        "Columns are separated by tabs, or all of them by spaces; a blank line ends a sentence.");

    private static string Count(int fields) => fields == 1 ? "1 column" : $"{fields} columns";
}

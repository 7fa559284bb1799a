using System.CommandLine;
using SkTuning.Data;

namespace SkTuning.Tool.Commands;

/// <summary>How rows are read from files.</summary>
internal sealed class RowOptions
{
    private readonly Option<string> _text = new("--text-column") { Description = "Name of the text's column.", DefaultValueFactory = _ => "text" };
    private readonly Option<string> _label = new("--label-column") { Description = "Name of the label's column.", DefaultValueFactory = _ => "label" };
    private readonly Option<int?> _limit = new("--limit") { Description = "Read only the first N rows (of the training file)." };

    public RowOptions AddTo(Command command, bool labelled = true)
    {
        command.Add(_text);
        if (labelled) command.Add(_label);
        command.Add(_limit);
        return this;
    }

    public RowFileOptions Read(ParseResult parsed, bool limited = true) => new()
    {
        TextColumn = parsed.GetValue(_text)!,
        LabelColumn = parsed.GetValue(_label) ?? "label",
        Limit = limited ? parsed.GetValue(_limit) : null,
    };

    /// <summary>How words with tags are read.</summary>
    public TokenRowOptions ReadTokens(ParseResult parsed, bool limited = true) => new() { Limit = limited ? parsed.GetValue(_limit) : null };
}

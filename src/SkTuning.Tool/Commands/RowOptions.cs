using System.CommandLine;
using SkTuning.Compare;
using SkTuning.Reports.Runs;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>How rows are read from files, and what becomes of those that cannot be.</summary>
internal sealed class RowOptions
{
    private const string Stop = "stop", Skip = "skip";

    /// <summary>The side files of this process: told and closed when it ends.</summary>
    private static readonly Dictionary<string, BadRowWriter> SideFiles = new(StringComparer.Ordinal);

    private readonly Option<string> _text = new("--text-column") { Description = "Name of the text's column.", DefaultValueFactory = _ => "text" };
    private readonly Option<string> _text2 = new("--text2-column") { Description = "Name of the column of the second text of a pair; read where the file has it.", DefaultValueFactory = _ => "text2" };
    private readonly Option<string> _label = new("--label-column") { Description = "Name of the label's column.", DefaultValueFactory = _ => "label" };
    private readonly Option<string?> _group = new("--group-column") { Description = "Name of the column that says what a row belongs to (a customer, a document): a split keeps a group together." };
    private readonly Option<string?> _separator = new("--label-separator") { Description = "What stands between the labels of a row, where rows have several: \"|\". Arrays of JSONL and Parquet need none." };
    private readonly Option<string[]> _map = new("--label-map") { Description = "The name of a label (or tag) that the file writes in another way, once for each: --label-map 0=negative --label-map 1=positive." };
    private readonly Option<bool> _noHeader = new("--no-header") { Description = "TSV, CSV: the first line is a row; columns are text, label, or text, second text, label." };
    private readonly Option<int?> _limit = new("--limit") { Description = "Read only the first N rows (of the training file)." };
    private readonly Option<int> _word = new("--word-index") { Description = "Words with tags in columns: the word's column, from 0.", DefaultValueFactory = _ => 0 };
    private readonly Option<int> _tag = new("--tag-index") { Description = "Words with tags in columns: the tag's column, from 0; below 0 from the end.", DefaultValueFactory = _ => -1 };
    private readonly Option<string> _words = new("--words-column") { Description = "Words with tags in JSONL or Parquet: name of the list of words.", DefaultValueFactory = _ => "tokens" };
    private readonly Option<string> _tags = new("--tags-column") { Description = "Words with tags in JSONL or Parquet: name of the list of tags.", DefaultValueFactory = _ => "tags" };
    private readonly Option<bool> _codePoints = new("--code-points") { Description = "Spans in JSONL count Unicode code points, as Python does, not UTF-16 units." };
    private readonly Option<string> _bad = new("--bad-rows") { Description = "A row that cannot be read: stop, or skip it, count it and write it to FILE.bad.jsonl.", DefaultValueFactory = _ => Stop };
    private readonly Option<string?> _badFile = new("--bad-rows-file") { Description = "Where --bad-rows skip writes." };

    public RowOptions AddTo(Command command, bool labelled = true, bool badRows = true)
    {
        _bad.AcceptOnlyFromAmong(Stop, Skip);
        command.Add(_text);
        command.Add(_text2);
        if (labelled)
            foreach (var option in (Option[])[_label, _group, _separator, _map, _word, _tag, _words, _tags, _codePoints]) command.Add(option);
        command.Add(_noHeader);
        command.Add(_limit);
        if (!badRows) return this;
        command.Add(_bad);
        command.Add(_badFile);
        command.Validators.Add(result => { if (result.GetValue(_badFile) is not null && result.GetValue(_bad) != Skip) result.AddError("--bad-rows-file says where --bad-rows skip writes: give both."); });
        return this;
    }

    /// <summary>Whether rows belong to groups, which a split has to keep together.</summary>
    public bool HasGroups(ParseResult parsed) => parsed.GetValue(_group) is not null;

    public RowFileOptions Read(ParseResult parsed, bool limited = true) => new()
    {
        TextColumn = parsed.GetValue(_text)!,
        Text2Column = parsed.GetValue(_text2)!,
        LabelColumn = parsed.GetValue(_label) ?? "label",
        GroupColumn = parsed.GetValue(_group),
        LabelSeparator = parsed.GetValue(_separator),
        LabelMap = Map(parsed),
        HasHeader = !parsed.GetValue(_noHeader),
        Limit = limited ? parsed.GetValue(_limit) : null,
        OnBadRow = OnBadRow(parsed),
    };

    /// <summary>How words with tags are read.</summary>
    public TokenRowOptions ReadTokens(ParseResult parsed, bool limited = true) => new()
    {
        WordColumn = parsed.GetValue(_word),
        TagColumn = parsed.GetValue(_tag),
        WordsColumn = parsed.GetValue(_words)!,
        TagsColumn = parsed.GetValue(_tags)!,
        OffsetsInCodePoints = parsed.GetValue(_codePoints),
        TagMap = Map(parsed),
        Limit = limited ? parsed.GetValue(_limit) : null,
        OnBadRow = OnBadRow(parsed),
    };

    /// <summary>Closes the side files and says how many rows each took.</summary>
    public static void CloseSideFiles()
    {
        foreach (var file in SideFiles.Values)
        {
            file.Dispose();
            Screen.Warning($"{(file.Count == 1 ? "1 row could not be read and was" : $"{file.Count} rows could not be read and were")} left out: {file.Path}");
        }
        SideFiles.Clear();
    }

    private Action<BadRow>? OnBadRow(ParseResult parsed) => parsed.GetValue(_bad) != Skip ? null : bad =>
    {
        var path = parsed.GetValue(_badFile) ?? BadRowWriter.NameFor(bad.File);
        if (!SideFiles.TryGetValue(path, out var file)) SideFiles[path] = file = new(path);
        file.Add(bad);
    };

    private Dictionary<string, string>? Map(ParseResult parsed)
    {
        if (parsed.GetValue(_map) is not { Length: > 0 } pairs) return null;
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
            if (pair.Split('=', 2) is not [var label, var name] || !map.TryAdd(label, name)) throw new SkTuningException($"--label-map {pair}: expected label=name, such as 0=negative, each label once.");
        return map;
    }
}

using System.CommandLine;
using System.CommandLine.Parsing;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>The options for reading rows from files and for handling rows that cannot be read.</summary>
internal sealed class RowOptions
{
    private const string Stop = "stop", Skip = "skip";

    /// <summary>The files of skipped rows written by this process; reported and closed when it ends.</summary>
    private static readonly Dictionary<string, BadRowWriter> SideFiles = new(StringComparer.Ordinal);

    private readonly Option<string> _text = new("--text-column") { Description = "The name of the column with the text.", DefaultValueFactory = _ => "text" };

    private readonly Option<string> _text2 = new("--text2-column")
    {
        Description = "The name of the column with the second text of a pair, if the file has one.",
        DefaultValueFactory = _ => "text2",
    };

    private readonly Option<string> _label = new("--label-column")
    {
        Description = "The name of the column with the label.",
        DefaultValueFactory = _ => "label",
    };

    private readonly Option<string?> _group = new("--group-column")
    {
        Description = "The name of the column with a row's group, such as a customer or a document. Rows of the same group are kept in the same split.",
    };

    private readonly Option<string?> _separator = new("--label-separator")
    {
        Description = "The separator between the labels of a row, such as \"|\", if rows can have several labels. Not needed for arrays in JSONL and Parquet.",
    };

    private readonly Option<char?> _fieldSeparator = new("--separator")
    {
        Description = "CSV: the character between fields, or tab. By default, whichever of comma, semicolon, tab and | gives the columns that are read.",
        CustomParser = Separator,
    };

    private readonly Option<string[]> _map = new("--label-map")
    {
        Description = "The name of a label or tag that is written differently in the file. Can be specified more than once: " +
            "--label-map 0=negative --label-map 1=positive.",
    };

    private readonly Option<bool> _noHeader = new("--no-header")
    {
        Description = "TSV and CSV: the file has no header line. Its columns are the text and the label, or the text, the second text and the label.",
    };

    private readonly Option<bool> _collapse = new("--collapse-repeats")
    {
        Description = ".units: read a run of the same unit as one unit. Use it for the rows to train on and for the rows to predict, or for none.",
    };

    private readonly Option<int?> _limit = new("--limit")
    {
        Description = "Read only the first N rows of the file (when training, of each file of training rows).",
    };
    private readonly Option<int> _word = new("--word-index")
    {
        Description = "Tagged words in columns: the index of the word column, from 0.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<int> _tag = new("--tag-index")
    {
        Description = "Tagged words in columns: the index of the tag column, from 0. Negative values count from the end.",
        DefaultValueFactory = _ => -1,
    };

    private readonly Option<string> _words = new("--words-column")
    {
        Description = "Tagged words in JSONL or Parquet: the name of the list of words.",
        DefaultValueFactory = _ => "tokens",
    };

    private readonly Option<string> _tags = new("--tags-column")
    {
        Description = "Tagged words in JSONL or Parquet: the name of the list of tags.",
        DefaultValueFactory = _ => "tags",
    };

    private readonly Option<bool> _codePoints = new("--code-points")
    {
        Description = "Span offsets in JSONL count Unicode code points, as in Python, instead of UTF-16 code units.",
    };

    private readonly Option<string> _bad = new("--bad-rows")
    {
        Description = "What to do with a row that cannot be read: stop, or skip the row, count it and write it to FILE.bad.jsonl.",
        DefaultValueFactory = _ => Stop,
    };

    private readonly Option<string?> _badFile = new("--bad-rows-file") { Description = "The file to write skipped rows to (with --bad-rows skip)." };

    private Command? _command;

    public RowOptions AddTo(Command command, bool labelled = true, bool badRows = true)
    {
        _command = command;
        _bad.AcceptOnlyFromAmong(Stop, Skip);
        command.Add(_text);
        command.Add(_text2);
        if (labelled)
            foreach (var option in (Option[])[_label, _group, _separator, _map, _word, _tag, _words, _tags, _codePoints]) command.Add(option);
        command.Add(_fieldSeparator);
        command.Add(_collapse);
        command.Add(_noHeader);
        command.Add(_limit);
        if (!badRows) return this;
        command.Add(_bad);
        command.Add(_badFile);
        command.AddRule(result =>
        {
            if (result.GetValue(_badFile) is not null && result.GetValue(_bad) != Skip) result.AddError("Option '--bad-rows-file' requires '--bad-rows skip'.");
        });
        return this;
    }

    /// <summary>Returns the options for reading texts.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="limited">Whether --limit applies.</param>
    /// <param name="numbers">Whether labels are numbers.</param>
    public RowFileOptions Read(ParseResult parsed, bool limited = true, bool numbers = false) => new()
    {
        TextColumn = parsed.GetValue(_text)!,
        Text2Column = parsed.GetValue(_text2)!,
        LabelColumn = parsed.GetValue(_label) ?? "label",
        GroupColumn = parsed.GetValue(_group),
        LabelSeparator = parsed.GetValue(_separator),
        LabelMap = Map(parsed),
        HasNumericLabels = numbers,
        FieldSeparator = parsed.GetValue(_fieldSeparator),
        CollapseRepeats = parsed.GetValue(_collapse),
        OptionNames = Names,
        HasHeader = !parsed.GetValue(_noHeader),
        Limit = limited ? parsed.GetValue(_limit) : null,
        OnBadRow = OnBadRow(parsed),
    };

    /// <summary>Returns the options for reading texts whose group is the identifier of the row.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="column">The column of identifiers (--id-column); null if there is none.</param>
    public RowFileOptions ReadWithId(ParseResult parsed, string? column) => Read(parsed) with
    {
        GroupColumn = column,
        OptionNames = new Dictionary<string, string>(Names, StringComparer.Ordinal) { [nameof(RowFileOptions.GroupColumn)] = "--id-column" },
    };

    /// <summary>Returns the lines of standard input as texts, each as soon as it is complete.</summary>
    public IEnumerable<Row> StandardInput(ParseResult parsed) => RowFile.StreamLines(Console.OpenStandardInput(), "stdin", Read(parsed));

    /// <summary>Returns the options for reading tagged words.</summary>
    public TokenRowFileOptions ReadTokens(ParseResult parsed, bool limited = true) => new()
    {
        OptionNames = Names,
        TextColumn = parsed.GetValue(_text)!,
        WordColumn = parsed.GetValue(_word),
        TagColumn = parsed.GetValue(_tag),
        WordsColumn = parsed.GetValue(_words)!,
        TagsColumn = parsed.GetValue(_tags)!,
        OffsetsInCodePoints = parsed.GetValue(_codePoints),
        TagMap = Map(parsed),
        Limit = limited ? parsed.GetValue(_limit) : null,
        OnBadRow = OnBadRow(parsed),
    };

    /// <summary>What messages call the options.</summary>
    private Dictionary<string, string> Names => field ??= new(Tasks(), StringComparer.Ordinal)
    {
        [nameof(RowFileOptions.TextColumn)] = _text.Name,
        [nameof(RowFileOptions.Text2Column)] = _text2.Name,
        [nameof(RowFileOptions.LabelColumn)] = _label.Name,
        [nameof(RowFileOptions.GroupColumn)] = _group.Name,
        [nameof(RowFileOptions.LabelSeparator)] = _separator.Name,
        [nameof(RowFileOptions.LabelMap)] = _map.Name,
        [nameof(RowFileOptions.FieldSeparator)] = _fieldSeparator.Name,
        [nameof(RowFileOptions.HasHeader)] = _noHeader.Name,
        [nameof(RowFileOptions.Limit)] = _limit.Name,
        [nameof(TokenRowFileOptions.WordColumn)] = _word.Name,
        [nameof(TokenRowFileOptions.TagColumn)] = _tag.Name,
        [nameof(TokenRowFileOptions.WordsColumn)] = _words.Name,
        [nameof(TokenRowFileOptions.TagsColumn)] = _tags.Name,
    };

    private Dictionary<string, string> Tasks()
        => _command!.Options.Any(o => o.Name == "--task") ? new(StringComparer.Ordinal) { [nameof(TokenRowFile)] = "--task tokens" } : [];

    private static char? Separator(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text is "tab" or "\\t") return '\t';
        if (text.Length == 1) return text[0];
        result.AddError($"Option '--separator' is '{text}', expected one character, or tab.");
        return null;
    }

    /// <summary>Closes the files of skipped rows and reports how many rows each contains.</summary>
    public static void CloseSideFiles()
    {
        foreach (var file in SideFiles.Values)
        {
            file.Dispose();
            var skipped = file.Count == 1 ? "1 row could not be read and was" : $"{file.Count} rows could not be read and were";
            Screen.Warning($"{skipped} skipped: see {file.Path}");
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
            if (pair.Split('=', 2) is not [var label, var name] || !map.TryAdd(label, name))
                throw new SkTuningException($"--label-map {pair}: expected label=name, such as 0=negative, with each label only once.");
        return map;
    }
}

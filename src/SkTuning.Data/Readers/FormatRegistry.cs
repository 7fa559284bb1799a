namespace SkTuning.Data;

/// <summary>The formats that files are read with, by extension.</summary>
internal sealed class FormatRegistry
{
    /// <summary>Extensions of formats in packages that are not referenced here, for the error message.</summary>
    private static readonly (string Extension, bool HasTokenRows, string Package, string Call)[] Packages =
    [
        (".csv", false, "SkTuning.Data.Csv", "CsvFormat.Register()"),
        (".parquet", true, "SkTuning.Data.Parquet", "ParquetFormat.Register()"),
    ];

    private readonly Lock _gate = new();
    private volatile RowFormat[] _formats =
    [
        new ParserFormat("TSV", [".tsv"], []) { OpenRows = (path, options, withLabels) => new TsvRowParser(path, options, withLabels) },
        new ParserFormat("TXT", [".txt"], [], hasLabels: false) { OpenRows = (path, _, _) => new TxtRowParser(path, new Utf8Lines(path, holdsAnyText: true)) },
        new ParserFormat("JSONL", [".jsonl"], [".jsonl"])
        {
            OpenRows = (path, options, withLabels) => new JsonlRowParser(path, options, withLabels),
            OpenTokenRows = (path, options) => new JsonlTokenParser(path, options),
        },
        new ParserFormat("Units", [".units"], []) { OpenRows = (path, options, withLabels) => new UnitRowParser(path, options, withLabels) },
        new ParserFormat("CoNLL", [], [".conll", ".bio", ".iob", ".iob2", ".txt", ".tsv"])
        {
            OpenTokenRows = (path, options) => new ConllParser(path, options),
        },
    ];

    public static FormatRegistry Default { get; } = new();

    public void Register(RowFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        if (format.RowExtensions.Concat(format.TokenRowExtensions).FirstOrDefault(e => !e.StartsWith('.')) is { } bare)
            throw new SkTuningException($"Row format {format.Name}: the extension '{bare}' has no leading dot, expected one such as .csv.");
        lock (_gate)
            if (!_formats.Contains(format)) _formats = [.. _formats.Where(f => f.Name != format.Name), format];
    }

    /// <exception cref="SkTuningException">No format is registered for the extension, or the format has no labels and they are to be read.</exception>
    public RowFormat ForRows(string path, bool withLabels, RowFileOptions? options = null)
    {
        var (formats, extension) = (_formats, Path.GetExtension(path).ToLowerInvariant());
        var readable = Listed(formats.Where(f => f.HasLabels || !withLabels).SelectMany(f => f.RowExtensions));
        var expected = $"{readable} for {(withLabels ? "labeled rows" : "rows")}";
        if (Last(formats, f => f.RowExtensions, extension) is { } format)
            return format.HasLabels || !withLabels
                ? format
                : throw SkTuningException.BadFile(path, null, $"a {extension} file, which has no labels", expected);
        if (Last(formats, f => f.TokenRowExtensions, extension) is not null)
            throw SkTuningException.BadFile(path, null, "a file of words with tags", expected,
                (options ?? new()).NameOf(nameof(TokenRowFile)) is { } reader ? $"Read words with tags with {reader}." : null);
        throw Unknown(path, extension, expected, Packages.FirstOrDefault(p => p.Extension == extension));
    }

    /// <exception cref="SkTuningException">No format is registered for the extension.</exception>
    public RowFormat ForTokenRows(string path)
    {
        var (formats, extension) = (_formats, Path.GetExtension(path).ToLowerInvariant());
        return Last(formats, f => f.TokenRowExtensions, extension) ?? throw Unknown(path, extension,
            $"{Listed(formats.SelectMany(f => f.TokenRowExtensions))} for words with tags",
            Packages.FirstOrDefault(p => p.Extension == extension && p.HasTokenRows));
    }

    private static RowFormat? Last(RowFormat[] formats, Func<RowFormat, IReadOnlyList<string>> extensions, string extension)
        => formats.LastOrDefault(f => extensions(f).Contains(extension, StringComparer.OrdinalIgnoreCase));

    private static string Listed(IEnumerable<string> extensions)
    {
        var all = extensions.Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return all.Count < 2 ? string.Concat(all) : $"{string.Join(", ", all.SkipLast(1))} or {all[^1]}";
    }

    private static SkTuningException Unknown(
        string path, string extension, string expected, (string Extension, bool HasTokenRows, string Package, string Call) package)
    {
        if (package.Package is not null)
            return SkTuningException.BadFile(path, null, $"the extension '{extension}', for which no reader is registered", expected,
                $"Add the package {package.Package} and call {package.Call}.");
        var found = extension.Length == 0 ? "a name without an extension" : $"the extension '{extension}'";
        return SkTuningException.BadFile(path, null, found, expected, "Rename the file to match its format.");
    }
}

namespace SkTuning.Data;

/// <summary>A format whose files a <see cref="RecordParser{T}"/> reads.</summary>
internal sealed class ParserFormat(string name, string[] rows, string[] tokenRows, bool hasLabels = true) : RowFormat
{
    public override string Name => name;

    public override IReadOnlyList<string> RowExtensions => rows;

    public override IReadOnlyList<string> TokenRowExtensions => tokenRows;

    public override bool HasLabels => hasLabels;

    public Func<string, RowFileOptions, bool, RecordParser<Row>>? OpenRows { get; init; }

    public Func<string, TokenRowFileOptions, RecordParser<TokenRow>>? OpenTokenRows { get; init; }

    public override IEnumerable<Row> ReadRows(string path, RowFileOptions options, bool withLabels)
        => RecordParser<Row>.Records(path, () => OpenRows!(path, options, withLabels), options.Limit, options.OnBadRow);

    public override IEnumerable<TokenRow> ReadTokenRows(string path, TokenRowFileOptions options)
        => RecordParser<TokenRow>.Records(path, () => OpenTokenRows!(path, options), options.Limit, options.OnBadRow);
}

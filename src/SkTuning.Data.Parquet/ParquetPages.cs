namespace SkTuning.Data.Parquet;

/// <summary>
/// The headers of the pages of a column, checked before Parquet.Net reads them: it allocates what they promise. A page that would expand to far more than real
/// data do is refused.
/// </summary>
internal static class ParquetPages
{
    private const int MaxHeader = 1 << 28, MaxPage = 1 << 28, DataPage = 0, DictionaryPage = 2, DataPage2 = 3;
    private const long PlainExpansion = 64 << 20, MaxExpansion = 128, PlainValues = 1 << 24, MaxValuesPerByte = 64;

    /// <exception cref="InvalidDataException">A page is damaged.</exception>
    public static void Check(Stream file, ParquetChunk chunk, long rows, bool hasOneValuePerRow)
    {
        var (at, end, values, expanded) = (chunk.Start, chunk.Start + chunk.CompressedSize, 0L, 0L);
        if (chunk.Values > Math.Max(PlainValues, MaxValuesPerByte * chunk.CompressedSize)) throw Bad($"{chunk.Values} values in {chunk.CompressedSize} bytes");
        if (hasOneValuePerRow ? chunk.Values != rows : chunk.Values < rows) throw Bad($"{chunk.Values} values in {rows} rows");
        var buffer = new byte[(int)Math.Min(256, end - at)];
        while (at < end && values < chunk.Values)
        {
            var (header, length) = Header(file, at, end, ref buffer);
            at += length;
            if (header.Size < 0 || header.CompressedSize < 0 || header.CompressedSize > end - at) throw Bad($"a page of {header.CompressedSize} bytes");
            if (header.Values < 0 || header.LevelBytes < 0 || header.LevelBytes > Math.Min(header.Size, header.CompressedSize))
                throw Bad($"a page of {header.Values} values");
            expanded += header.Size;
            if (header.Size > MaxPage || expanded > Math.Max(PlainExpansion, MaxExpansion * chunk.CompressedSize))
                throw Bad($"pages that expand to {expanded} bytes, from {chunk.CompressedSize}");
            if (header.Type is DataPage or DataPage2) values += header.Values;
            else if (header.Type != DictionaryPage) throw Bad($"a page of the type {header.Type}");
            // Every value of a dictionary takes a bit or more.
            else if (header.Values > 8L * header.Size) throw Bad($"a dictionary of {header.Values} values in {header.Size} bytes");
            at += header.CompressedSize;
        }
        if (values != chunk.Values) throw Bad($"pages of {values} values, expected {chunk.Values}");
    }

    private sealed class PageHeader
    {
        public int Type { get; set; } = -1;

        public long Size { get; set; }

        public long CompressedSize { get; set; }

        public long Values { get; set; } = -1;

        public long LevelBytes { get; set; }
    }

    /// <summary>Reads a header, whose length is known only when it has been read.</summary>
    private static (PageHeader Header, int Length) Header(Stream file, long at, long end, ref byte[] buffer)
    {
        while (true)
        {
            var count = (int)Math.Min(buffer.Length, end - at);
            ParquetFooter.ReadAt(file, at, buffer.AsSpan(0, count));
            var header = new PageHeader();
            var walker = new ThriftWalker(buffer, count) { Found = (type, field, value, _) => Take(header, type, field, value) };
            try { walker.Read(ThriftStruct.PageHeader); }
            catch (InvalidDataException) when (count < Math.Min(MaxHeader, end - at))
            {
                buffer = new byte[(int)Math.Min(MaxHeader, Math.Min(end - at, buffer.Length * 8L))];
                continue;
            }
            var isComplete = header.Values >= 0 && header.Type is DataPage or DictionaryPage or DataPage2;
            return isComplete ? (header, walker.At) : throw Bad("a page without a header of its type");
        }
    }

    private static void Take(PageHeader header, ThriftStruct type, int field, long value)
    {
        if (type == ThriftStruct.PageHeader && field == 1) header.Type = (int)value;
        if (type == ThriftStruct.PageHeader && field == 2) header.Size = value;
        if (type == ThriftStruct.PageHeader && field == 3) header.CompressedSize = value;
        var own = type == ThriftStruct.DataPage ? DataPage : type == ThriftStruct.DictionaryPage ? DictionaryPage
            : type == ThriftStruct.DataPage2 ? DataPage2 : -1;
        if (own < 0 || own != header.Type) return;
        if (field == 1) header.Values = value;
        if (own == DataPage2 && field is 5 or 6) header.LevelBytes = value < 0 ? int.MinValue : header.LevelBytes + value;
    }

    private static InvalidDataException Bad(string what) => new($"a column is damaged: {what}");
}

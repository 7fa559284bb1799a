namespace SkTuning.Compare;

/// <summary>A column of a table that is written as CSV and Parquet. Its values are strings, integers or floating-point numbers, and may be null.</summary>
internal abstract record TableColumn(string Name)
{
    public abstract int Count { get; }

    public abstract object? Value(int row);

    public static TableColumn Texts<T>(string name, IEnumerable<T> rows, Func<T, string?> value) => new Of<string>(name, [.. rows.Select(value)]);

    public static TableColumn Integers<T>(string name, IEnumerable<T> rows, Func<T, long?> value) => new Of<long?>(name, [.. rows.Select(value)]);

    public static TableColumn Numbers<T>(string name, IEnumerable<T> rows, Func<T, double?> value) => new Of<double?>(name, [.. rows.Select(value)]);

    internal sealed record Of<T>(string Name, T?[] Values) : TableColumn(Name)
    {
        public override int Count => Values.Length;

        public override object? Value(int row) => Values[row];
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;

namespace SkTuning.ML;

/// <summary>The columns that a classifier reads.</summary>
/// <param name="Text">The column with the text.</param>
/// <param name="Text2">The column with the second text, or null for single texts.</param>
internal sealed record TextColumns(string Text, string? Text2)
{
    /// <summary>Gets the names, without null.</summary>
    public string[] Names => Text2 is null ? [Text] : [Text, Text2];

    /// <summary>Returns the columns of a schema.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    public DataViewSchema.Column[] Find(DataViewSchema schema) => [.. Names.Select(name => FindText(schema, name))];

    /// <summary>Checks the columns of a pipeline that is not fitted yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    public void Check(SchemaShape schema)
    {
        foreach (var name in Names)
        {
            var column = Find(schema, name, "text");
            if (!IsText(column)) throw Mismatch(name, "text", $"{(IsScalar(column) ? "" : "a vector of ")}{(column.IsKey ? "Key" : column.ItemType)}");
        }
    }

    public static SchemaShape.Column Find(SchemaShape schema, string name, string role)
    {
        foreach (var column in schema)
            if (column.Name == name) return column;
        throw Missing(name, role);
    }

    public static bool IsText(SchemaShape.Column column) => IsScalar(column) && !column.IsKey && column.ItemType == TextDataViewType.Instance;

    public static bool IsScalar(SchemaShape.Column column) => column.Kind == SchemaShape.Column.VectorKind.Scalar;

    /// <summary>Creates the exception for a column that is not in the schema. ML.NET throws the same type.</summary>
    public static ArgumentOutOfRangeException Missing(string name, string role)
        => new($"The schema has no {role} column '{name}'. Name a column that it has.", (Exception?)null);

    /// <summary>Creates the exception for a column of another type. ML.NET throws the same type.</summary>
    public static ArgumentOutOfRangeException Mismatch(string name, string expected, string found)
        => new($"The column '{name}' is {found}, expected {expected}. Convert it, or name another column.", (Exception?)null);

    private static DataViewSchema.Column FindText(DataViewSchema schema, string name)
    {
        var column = schema.GetColumnOrNull(name) ?? throw Missing(name, "text");
        return column.Type is TextDataViewType ? column : throw Mismatch(name, "text", column.Type.ToString()!);
    }
}

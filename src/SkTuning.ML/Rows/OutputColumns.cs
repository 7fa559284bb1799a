using Microsoft.ML;
using Microsoft.ML.Data;

namespace SkTuning.ML;

/// <summary>The columns that a classifier adds.</summary>
internal static class OutputColumns
{
    public const string Label = "PredictedLabel", Score = "Score", Confidence = "Confidence";

    /// <summary>The number of columns: label, score and confidence, in this order, after the input columns.</summary>
    public const int Count = 3;

    private const string SlotNames = "SlotNames";

    /// <summary>Returns a schema with the columns added.</summary>
    public static DataViewSchema AddTo(DataViewSchema input, IReadOnlyList<string> labels)
    {
        var names = new VBuffer<ReadOnlyMemory<char>>(labels.Count, [.. labels.Select(l => l.AsMemory())]);
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(SlotNames, new VectorDataViewType(TextDataViewType.Instance, labels.Count),
            (ref VBuffer<ReadOnlyMemory<char>> value) => names.CopyTo(ref value));
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        builder.AddColumn(Label, TextDataViewType.Instance);
        builder.AddColumn(Score, new VectorDataViewType(NumberDataViewType.Single, labels.Count), annotations.ToAnnotations());
        builder.AddColumn(Confidence, NumberDataViewType.Single);
        return builder.ToSchema();
    }

    /// <summary>Returns the shape of a schema with the columns added. ML.NET has no public way to create these columns, but a mapping does.</summary>
    public static SchemaShape AddTo(SchemaShape input)
    {
        var outputs = SchemaDefinition.Create(typeof(Outputs));
        outputs[nameof(Outputs.Score)].AddAnnotation(SlotNames, new VBuffer<ReadOnlyMemory<char>>(1, [default]),
            new VectorDataViewType(TextDataViewType.Instance, 1));
        return new MLContext().Transforms.CustomMapping<Inputs, Outputs>((_, _) => { }, null, null, outputs).GetOutputSchema(input);
    }

    private sealed class Inputs;

    private sealed class Outputs
    {
        public string PredictedLabel { get; set; } = "";

        /// <summary>A vector of a fixed size, which the shape does not keep.</summary>
        [VectorType(1)]
        public float[] Score { get; set; } = [];

        public float Confidence { get; set; }
    }
}

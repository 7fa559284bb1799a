using System.Text.Json.Nodes;

namespace SkTuning;

/// <summary>The metrics of an adapter or baseline on labeled rows.</summary>
public interface IEvaluationReport
{
    /// <summary>Gets the number of rows that were evaluated.</summary>
    int Rows { get; }

    /// <summary>Returns the metrics as JSON. A metric that is NaN or infinite is null.</summary>
    JsonObject ToJson();

    /// <summary>Returns the metrics as text for display.</summary>
    string ToString();
}

using System.Text.Json.Nodes;

namespace SkTuning;

/// <summary>What the evaluation reports of all tasks have in common.</summary>
public interface IEvaluationReport
{
    /// <summary>Gets the number of rows.</summary>
    int Rows { get; }

    /// <summary>Returns the report as JSON; a value that is not finite is <see langword="null"/>.</summary>
    JsonObject ToJson();

    /// <summary>Returns the report as text, for people.</summary>
    string ToString();
}

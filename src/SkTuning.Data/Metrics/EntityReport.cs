namespace SkTuning;

/// <summary>How well entities were found.</summary>
/// <param name="Micro">Over all entities together: the usual F1 of the task.</param>
/// <param name="Macro">The plain mean over types that occur on either side.</param>
/// <param name="PerType">Each type, in ordinal order; its rows are the entities there.</param>
public sealed record EntityReport(Scores Micro, Scores Macro, IReadOnlyList<ClassScores> PerType) : IEvaluationReport
{
    /// <inheritdoc/>
    public int Rows => 0;

    /// <inheritdoc/>
    public System.Text.Json.Nodes.JsonObject ToJson() => [];
}

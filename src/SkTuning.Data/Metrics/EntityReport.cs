using System.Text;
using System.Text.Json.Nodes;
using SkTuning.Metrics;

namespace SkTuning;

/// <summary>The metrics of predicted tags: the accuracy of the tags and, if the tags mark entities, how well whole entities were found.</summary>
/// <param name="Rows">The number of rows (sentences).</param>
/// <param name="Words">The number of words in these rows.</param>
/// <param name="Accuracy">The fraction of words whose tag was predicted, from 0 to 1; NaN if there are no words.</param>
/// <param name="MarksEntities">Whether the tags mark entities. If not, all entity scores are 0 and <paramref name="PerType"/> is empty.</param>
/// <param name="Micro">The scores over all entities together; its F1 is the usual metric of the task.</param>
/// <param name="Macro">The unweighted mean over the types that occur in the true or predicted tags.</param>
/// <param name="PerType">The scores of each type, in ordinal order; their rows are the true entities of the type.</param>
public sealed record EntityReport(
    int Rows, int Words, double Accuracy, bool MarksEntities, Scores Micro, Scores Macro, IReadOnlyList<ClassScores> PerType) : IEvaluationReport
{
    /// <summary>Computes the metrics. Entities are read as the CoNLL script reads them (<see cref="EntityTags.ReadConll"/>).</summary>
    /// <param name="tags">The tags of the task, which decide whether there are entities (<see cref="EntityTags.MarksEntities"/>).</param>
    /// <param name="truth">The true tags of every sentence.</param>
    /// <param name="predicted">The predicted tags, as many per sentence.</param>
    /// <exception cref="SkTuningException">
    /// There are no sentences, the numbers of sentences or tokens differ, or a tag does not mark an entity as others do.
    /// </exception>
    public static EntityReport Of(IEnumerable<string> tags, IReadOnlyList<string[]> truth, IReadOnlyList<string[]> predicted)
    {
        if (EntityTags.MarksEntities(tags)) return EntityMetrics.Conll(truth, predicted);
        var none = new Scores(0, 0, 0);
        return new(truth.Count, truth.Sum(t => t.Length), EntityMetrics.TokenAccuracy(truth, predicted), false, none, none, []);
    }

    /// <inheritdoc/>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["rows"] = Rows, ["accuracy"] = ReportJson.Number(Accuracy) };
        if (!MarksEntities) return json;
        json["entityF1"] = ReportJson.Number(Micro.F1);
        json["entityPrecision"] = ReportJson.Number(Micro.Precision);
        json["entityRecall"] = ReportJson.Number(Micro.Recall);
        json["perType"] = ReportJson.PerClass(PerType);
        return json;
    }

    /// <summary>Returns a line with the accuracy of the tags and, if they mark entities, the entity scores overall and per type.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(FormattableString.Invariant($"{Rows} rows, {Words} words, accuracy of the tags {Accuracy:F4}"));
        if (!MarksEntities) return text.ToString();
        text.Append(FormattableString.Invariant($"\nentities: {Line(Micro)}"));
        foreach (var type in PerType) text.Append(FormattableString.Invariant($"\n{type.Label}: {Line(type.Scores)}, {type.Rows} entities"));
        return text.ToString();

        static string Line(Scores s) => FormattableString.Invariant($"precision {s.Precision:F4}, recall {s.Recall:F4}, F1 {s.F1:F4}");
    }
}

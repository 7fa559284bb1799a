using System.Text.Json.Nodes;
using SkTuning.Reports.Html;

namespace SkTuning.Reports.Runs;

/// <summary>Why the method was chosen, whether the adapter is better than the head alone, and what the texts of the labels are worth.</summary>
internal static class VerdictPart
{
    /// <summary>Adds the sentences of the summary.</summary>
    public static void Summarize(Page page, JsonObject report)
    {
        if (Values.Text(report["methodReason"]) is { } reason) page.Text($"Method {reason}.");
        var verdict = report["verdict"];
        if (Values.Text(Values.In(verdict, "summary")) is { } summary)
            page.Text(Values.Text(Values.In(verdict, "advice")) is { } advice ? $"{summary} {advice}" : summary);
        if (Values.Text(Values.In(report["descriptions"], "summary")) is { } texts) page.Text(texts);
    }

    /// <summary>Adds a table of the labels' texts, if some were written.</summary>
    public static void AddTexts(Page page, JsonObject config, JsonObject? report)
    {
        if (Values.Texts(config["labels"]) is not { } labels || config["labelDescriptions"] is not JsonArray all || all.Count != labels.Length) return;
        // A label without a text is described by its name, which says nothing new.
        if (labels.Zip(all).All(l => Of(l.Second).SequenceEqual([l.First.Replace('_', ' ')]))) return;
        page.Section("Label texts");
        var misleading = (Values.In(report?["descriptions"], "misleading") as JsonArray ?? []).ToList();
        page.Table("The texts of each label" + (misleading.Count > 0 ? ", and the texts without which the head alone scored better" : ""),
            ["Label", Column.Prose("Text"), Column.Prose("Note")],
            labels.Zip(all).SelectMany(l => Of(l.Second).Select(text => (IReadOnlyList<TableCell>)[l.First, text, Note(l.First, text)])));

        string Note(string label, string text)
        {
            var found = misleading.FirstOrDefault(m => Values.Text(Values.In(m, "label")) == label && Values.Text(Values.In(m, "text")) == text);
            return found is null ? "" : $"seems to hurt: {Formatting.Show.Number(Values.Number(Values.In(found, "gain")), "+0.####;-0.####")} without it";
        }
    }

    /// <summary>True if the predictions are those of a cross-validation.</summary>
    public static bool IsCrossValidated(JsonObject? report) => Values.Number(Values.In(report?["verdict"], "folds")) > 0;

    private static IEnumerable<string> Of(JsonNode? texts) => texts is JsonArray ? Values.Texts(texts) ?? [] : Values.Text(texts) is { } text ? [text] : [];
}

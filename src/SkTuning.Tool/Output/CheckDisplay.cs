using System.Globalization;
using System.Text.Json.Nodes;
using SkTuning.Diagnostics;

namespace SkTuning.Tool.Output;

/// <summary>Shows the result of a check of labels: lists as text, everything as JSON.</summary>
/// <param name="name">The name of the rows, such as their file.</param>
/// <param name="check">The result.</param>
internal sealed class CheckDisplay(string name, LabelCheck check)
{
    private const int Listed = 20, ListedNeeds = 5;

    public void Show()
    {
        Screen.Line($"{name}: {Screen.Number(check.Rows)} rows, {check.Labels.Count} labels; {Screen.Percent(check.Accuracy)} of the labels are predicted from "
            + $"the other rows (head alone, {check.Folds} parts)");
        List("PROBABLY WRONG LABELS", ["Line", "Label", "Probably", "Probability", "Text"], check.Issues.Count, check.Issues.Select(i => (string[])
            [Place(i.Row, i.Index), i.Row.Label, i.Suggested, $"{Screen.Percent(i.Probability)} / {Screen.Percent(i.SuggestedProbability)}", Text(i.Row)]));
        List("NEARLY THE SAME TEXT, DIFFERENT LABELS", ["Lines", "Labels", "Similarity", "Texts"], check.Conflicts.Count, check.Conflicts.Select(c => (string[])
        [
            $"{Place(c.Row, c.Index)} = {Place(c.Other, c.OtherIndex)}", $"{c.Row.Label} / {c.Other.Label}", Two(c.Similarity),
            $"{Text(c.Row)} / {Text(c.Other)}",
        ]));
        List("LABELS THAT ARE HARD TO DISTINGUISH", ["Labels", "Rows", "Share", "Description", "Description"], check.Confused.Count,
            check.Confused.Select(c => (string[])[$"{c.Label} / {c.Other}", $"{c.Rows}", Screen.Percent(c.Fraction), Join(c.Texts), Join(c.OtherTexts)]));
        List("MORE ROWS HELP MOST", ["Label", "Rows", "More rows", "Expected error", "With them"], Math.Min(ListedNeeds, check.Needs.Count),
            check.Needs.Take(ListedNeeds).Select(n => (string[])
                [n.Label, Screen.Number(n.Rows), $"+{Screen.Number(n.MoreRows)}", Screen.Percent(n.Errors[^1]), Screen.Percent(n.ExpectedError)]));
    }

    public JsonObject Json() => new()
    {
        ["file"] = name,
        ["rows"] = check.Rows,
        ["labels"] = Texts(check.Labels),
        ["folds"] = check.Folds,
        ["accuracy"] = check.Accuracy,
        ["issues"] = new JsonArray([.. check.Issues.Select(i => (JsonNode)new JsonObject
        {
            ["row"] = i.Index + 1,
            ["line"] = i.Row.Line,
            ["text"] = i.Row.Text,
            ["label"] = i.Row.Label,
            ["suggested"] = i.Suggested,
            ["probability"] = i.Probability,
            ["suggestedProbability"] = i.SuggestedProbability,
        })]),
        ["conflicts"] = new JsonArray([.. check.Conflicts.Select(c => (JsonNode)new JsonObject
        {
            ["rows"] = new JsonArray(c.Index + 1, c.OtherIndex + 1),
            ["lines"] = new JsonArray(c.Row.Line, c.Other.Line),
            ["texts"] = new JsonArray(c.Row.Text, c.Other.Text),
            ["labels"] = new JsonArray(c.Row.Label, c.Other.Label),
            ["similarity"] = c.Similarity,
        })]),
        ["confused"] = new JsonArray([.. check.Confused.Select(c => (JsonNode)new JsonObject
        {
            ["labels"] = new JsonArray(c.Label, c.Other),
            ["rows"] = c.Rows,
            ["fraction"] = c.Fraction,
            ["texts"] = new JsonArray(Texts(c.Texts), Texts(c.OtherTexts)),
        })]),
        ["needs"] = new JsonArray([.. check.Needs.Select(n => (JsonNode)new JsonObject
        {
            ["label"] = n.Label,
            ["rows"] = n.Rows,
            ["errors"] = new JsonArray([.. n.Errors.Select(e => (JsonNode)e)]),
            ["moreRows"] = n.MoreRows,
            ["expectedError"] = n.ExpectedError,
        })]),
    };

    private static void List(string title, string[] header, int count, IEnumerable<string[]> rows)
    {
        Screen.Line();
        Screen.Line(count == 0 ? $"{title}: none" : title);
        if (count == 0) return;
        Screen.Table(header, rows.Take(Listed));
        if (count > Listed) Screen.Line($"... and {Screen.Number(count - Listed)} more (use --json to list all)");
    }

    private static string Place(Row row, int index) => (row.Line > 0 ? row.Line : index + 1).ToString(CultureInfo.InvariantCulture);

    private static string Two(double value) => value.ToString("F2", CultureInfo.InvariantCulture);

    private static string Join(IEnumerable<string> texts) => string.Join("; ", texts);

    private static string Text(Row row)
    {
        const int MaxLength = 100;
        var text = row.Text2 is null ? row.Text : $"{row.Text} | {row.Text2}";
        return text.Length <= MaxLength ? text : text[..MaxLength] + "…";
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);
}

using System.Globalization;
using System.Text.Json.Nodes;
using SkTuning.Diagnostics;

namespace SkTuning.Tool.Output;

/// <summary>Shows the rows to label next, as a table or as JSON.</summary>
/// <param name="picks">The rows.</param>
/// <param name="hasIds">Whether the group of a row is its identifier.</param>
/// <param name="options">The options of the choice.</param>
internal sealed class PickDisplay(RowPicks picks, bool hasIds, RowPickOptions options)
{
    public void Show()
    {
        Screen.Table(["Row", "Text", "Why"], picks.Rows.Select(p => (string[])[Id(p), Text(p.Row), p.Reason]));
        if (picks.Candidates == options.MaxCandidates && picks.RowsRead > picks.Candidates)
            Screen.Warning($"{Screen.Number(picks.Candidates)} of {Screen.Number(picks.RowsRead)} rows were considered, drawn at random (see --candidates).");
        if (picks.Rows.Count < options.Count) Screen.Warning($"There are only {picks.Rows.Count} different texts to choose from.");
    }

    public JsonObject Json() => new()
    {
        ["rowsRead"] = picks.RowsRead,
        ["candidates"] = picks.Candidates,
        ["rows"] = new JsonArray([.. picks.Rows.Select(Json)]),
    };

    private JsonNode Json(PickedRow picked)
    {
        var json = new JsonObject { ["row"] = picked.Number };
        if (hasIds) json["id"] = picked.Row.Group;
        if (picked.Row.Line > 0) json["line"] = picked.Row.Line;
        json["text"] = picked.Row.Text;
        if (picked.Row.Text2 is { } second) json["text2"] = second;
        json["score"] = picked.Score;
        json["similar"] = picked.Similar;
        json["why"] = picked.Reason;
        return json;
    }

    private string Id(PickedRow picked) => hasIds ? picked.Row.Group ?? "" : picked.Number.ToString(CultureInfo.InvariantCulture);

    private static string Text(Row row) => row.Text2 is null ? row.Text : $"{row.Text} | {row.Text2}";
}

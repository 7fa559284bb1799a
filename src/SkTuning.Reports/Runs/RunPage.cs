using System.Text.Json.Nodes;
using SkTuning.Compare;
using SkTuning.Models;
using SkTuning.Reports.Html;
using SkTuning.Training;

namespace SkTuning.Reports.Runs;

/// <summary>A run as a page.</summary>
internal static class RunPage
{
    public static HtmlReport Of(string folder)
    {
        var run = RunFolder.Read(folder);
        var (c, report) = (run.Config, run.Report);
        var metric = Values.Text(c["metric"]) ?? "score";
        // What is missing may only be found while the parts are made, and is told first.
        var body = new Page($"Run {run.Name}", $"{Values.Text(c["method"])} on {Model(c)}, task {Values.Text(c["task"]) ?? "single-label"}. Everything here is of the training and dev rows; no test row was seen.");
        body.Section("Summary");
        Summary(body, run, metric);
        var gaps = body.Place();
        body.Section("Learning curves");
        if (run.Steps.Count + run.Epochs.Count == 0) body.Text("There are none: the run has taken no step yet.");
        else body.Pictures(Curves.Of(run, metric));
        PredictionsPart.Add(body, run);
        Settings(body, run);
        foreach (var gap in run.Gaps) gaps.Note(gap);
        return new(body.ToHtml($"Made by sktuning report from {run.Name}{(report is null ? ", a run that has not ended" : "")}."), run.Gaps);
    }

    private static void Summary(Page page, RunFolder run, string metric)
    {
        var (c, report) = (run.Config, run.Report);
        var best = run.Epochs.LastOrDefault(e => e.IsBest);
        page.Facts(
        [
            ($"Dev {metric}", report is not null ? Show.Number(Values.Number(report["devScore"])) : best is not null ? Show.Number(best.DevScore) : null),
            ("Epoch kept", Values.Short(report?["bestEpoch"]) ?? best?.Epoch.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ("Method", Values.Text(c["method"])),
            ("Trained parameters", Show.Whole(Values.Number(c["parameters"]))),
            ("Base", Model(c)),
            ("Parameters of the base", Show.Whole(Values.Number(c["model"]?["parameters"]))),
            ("Training rows", Show.Whole(Values.Number(c["rows"]?["train"]))),
            ("Dev rows", Show.Whole(Values.Number(c["rows"]?["dev"]))),
            ("Steps", report is not null ? Show.Whole(Values.Number(report["steps"])) : run.Steps.Count > 0 ? $"{Show.Whole(run.Steps[^1].Step)} so far" : null),
            ("Time", report is not null ? Show.Time(Values.Number(report["seconds"])) : null),
        ]);
        if (Values.Text(c["prompt"]) is { } prompt) page.Text($"The task as the model reads it: “{prompt}”");
        if (report is null) return;
        if (Values.Is(report["interrupted"])) page.Note("The run was interrupted: its adapter is the best so far. sktuning train … --resume goes on.");
        if (Values.Text(report["diverged"]) is { } diverged) page.Note($"The run diverged: {diverged}");
        if (Values.Number(report["cutRows"]) is > 0 and var cut) page.Note($"{Show.Count(cut, "training row")} had a text longer than the model reads and lost its end.");
    }

    /// <summary>The model's folder without the way to it: a report may be handed on.</summary>
    private static string Model(JsonObject config) => (Values.Text(config["model"]?["path"]) ?? "a model").TrimEnd('/', '\\').Split('/', '\\')[^1];

    private static void Settings(Page page, RunFolder run)
    {
        page.Section("Settings and environment");
        var c = run.Config;
        var model = (c["model"] as JsonObject)?.DeepClone().AsObject() ?? [];
        model["path"] = Model(c);
        if (model["fingerprint"] is JsonObject fingerprint) model["fingerprint"] = Values.Short(fingerprint["weights"]);
        Pairs(page, "The task and the adapter", c.Where(p => p.Value is not JsonObject && p.Key is not ("format" or "version")));
        Pairs(page, "The method's options", c["options"] as JsonObject);
        Pairs(page, "The base", model);
        Pairs(page, "The adapter that it started from", c["start"] as JsonObject);
        Pairs(page, "Rows", c["rows"] as JsonObject);
        Pairs(page, "The training loop", c["training"] as JsonObject);
        Pairs(page, "Machine and libraries", run.Environment?.Where(p => p.Key != "memory").Append(new("memory, GB", Show.Number(Values.Number(run.Environment["memory"]) / 1e9, "0.#"))));
    }

    private static void Pairs(Page page, string caption, IEnumerable<KeyValuePair<string, JsonNode?>>? pairs)
    {
        var rows = (pairs ?? []).Select(p => (p.Key, Value: Values.Short(p.Value))).Where(p => p.Value is not null).ToList();
        if (rows.Count > 0) page.Table(caption, ["Name", Column.Prose("Value")], rows.Select(p => (IReadOnlyList<Cell>)[p.Key, p.Value!]));
    }
}

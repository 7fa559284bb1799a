using System.Text.Json.Nodes;

namespace SkTuning.Tool.Commands;

/// <summary>The searches over texts that the command line asks for before a training.</summary>
internal static class TextSearches
{
    /// <summary>Runs the searches, and prints what they found.</summary>
    /// <param name="request">What to train.</param>
    /// <param name="session">The model.</param>
    /// <param name="cancellationToken">Cancels between two candidates.</param>
    /// <returns>What to train with the texts that were found, and the results.</returns>
    public static (TrainRequest Request, JsonObject Results) Run(TrainRequest request, TrainingSession session, CancellationToken cancellationToken)
    {
        var results = new JsonObject();
        // The prompt comes second: its phrases can be the texts of the labels.
        if (request.FindDescriptions(session, cancellationToken) is { } texts)
        {
            Console.Error.WriteLine(texts.Summary);
            results["labelSearch"] = Json(texts, "texts", found
                => new JsonObject(found.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)new JsonArray([.. t.Value.Select(v => (JsonNode)v)])))));
            if (texts.IsBetter) request = request with { Descriptions = texts.Chosen };
        }
        if (request.FindPrompt(session, cancellationToken) is { } prompts)
        {
            Console.Error.WriteLine(prompts.Summary);
            results["promptSearch"] = Json(prompts, "prompt", found => found);
            request = request with { Prompt = prompts.Chosen };
        }
        if (request.FindInContext(session, cancellationToken) is { } shown)
        {
            Console.Error.WriteLine(shown.Summary);
            results["promptSearch"] = Json(shown, "prompt", found => found.Prompt, found
                => new JsonObject(found.LabelWords.Select(w => KeyValuePair.Create(w.Key, (JsonNode?)w.Value))));
            request = request with { InContext = shown.Chosen };
        }
        return (request, results);
    }

    private static JsonObject Json<T>(TextSearchReport<T> report, string name, Func<T, JsonNode?> show, Func<T, JsonNode>? words = null)
    {
        return new()
        {
            ["summary"] = report.Summary,
            ["tried"] = report.Trials.Count,
            ["rows"] = report.Rows,
            ["isBetter"] = report.IsBetter,
            ["written"] = Trial(report.Written),
            ["best"] = Trial(report.Best),
        };

        JsonObject Trial(TextTrial<T> trial)
        {
            var json = new JsonObject { [name] = show(trial.Candidate), ["margin"] = trial.Margin, ["accuracy"] = trial.Accuracy };
            if (words is not null) json["labelWords"] = words(trial.Candidate);
            return json;
        }
    }
}

using System.Globalization;
using System.Text.Json;

namespace SkTuning.Compare;

/// <summary>Assembles a result from finished trials and tests.</summary>
internal static class ResultAssembly
{
    public static ComparisonResult Of(ComparisonPlan plan, FrozenModel model, IReadOnlyList<LoadedData> data, IReadOnlyList<ComparisonTrial> trials,
        IReadOnlyList<ComparisonScore> scores)
    {
        var description = model.Describe();
        var sets = data.Select(d => d.Describe()).ToList();
        var ordered = new PlanOrder(plan);
        IReadOnlyList<ComparisonTrial> allTrials = [.. trials.OrderBy(t => ordered.Of(t.DataSet, t.Method, t.Seed)).ThenBy(t => t.Rate)];
        IReadOnlyList<ComparisonScore> allScores = [.. scores.OrderBy(s => ordered.Of(s.DataSet, s.Method, s.Seed))];
        var tried = allTrials.GroupBy(t => (t.DataSet, t.Method, t.Seed)).Count(g => g.Any(t => t.Error is null));
        return new()
        {
            Name = plan.Name,
            Setup = new()
            {
                Model = plan.RandomBase is { } seed ? $"{plan.Model} (weights at random, seed {seed})" : plan.Model,
                Family = description.Family,
                ModelParameters = description.Parameters,
                Precision = plan.Precision.ToString(),
                Epochs = plan.Epochs,
                BatchSize = plan.BatchSize,
                Pooling = plan.Pooling.ToString(),
                Seeds = plan.Seeds,
                Reference = plan.ReferenceName,
            },
            Machine = Machine.Describe(description.Device),
            DataSets = sets,
            Methods = [.. plan.Methods.Select(m => Method(plan, m))],
            Trials = allTrials,
            Scores = allScores,
            Summaries = [.. sets.SelectMany(d => plan.Methods.Select(m => Summaries.Of(d, m.Title, allTrials, allScores)))],
            Comparisons = Pairs.Of(plan.ReferenceName, sets, [.. plan.Methods.Select(m => m.Title)], allScores),
            PlannedTrials = plan.Trials,
            IsComplete = allTrials.Count == plan.Trials && allScores.Count == tried,
        };
    }

    private static ComparedMethod Method(ComparisonPlan plan, PlanMethod method)
    {
        var settings = new Dictionary<string, string>(method.Settings, StringComparer.Ordinal);
        if (method.Head is { } head)
            foreach (var (key, value) in JsonSerializer.SerializeToNode(head, PlanJson.Default.HeadOptions)!.AsObject()) settings[key] = $"{value}";
        if (method.Objective is { } objective)
        {
            foreach (var (key, value) in JsonSerializer.SerializeToNode(objective, PlanJson.Default.ObjectiveOptions)!.AsObject())
                if (value is not null) settings[key == "name" ? "objective" : key] = $"{value}";
        }
        if (method.Preset is { } preset) settings["preset"] = preset;
        if (method.Template is { } template) settings["template"] = template;
        (string, int?)[] numbers = [("epochs", method.Epochs), ("maxSteps", method.MaxSteps), ("batchSize", method.BatchSize)];
        foreach (var (key, number) in numbers)
            if (number is { } given) settings[key] = given.ToString(CultureInfo.InvariantCulture);
        if (method.Prune is { } keep)
        {
            settings["prune"] = keep.ToString(CultureInfo.InvariantCulture);
            settings["pruneBy"] = JsonNamingPolicy.CamelCase.ConvertName($"{method.PruneBy}");
        }
        if (method.Descriptions.Count > 0) settings["descriptions"] = $"its own for {string.Join(", ", method.Descriptions.Keys)}";
        if (method.LabelTexts != LabelTexts.AsWritten) settings["labelTexts"] = JsonNamingPolicy.CamelCase.ConvertName($"{method.LabelTexts}");
        return new()
        {
            Name = method.Title,
            Method = method.Kind,
            Settings = settings,
            Rates = [.. plan.DataSets.SelectMany(method.RatesOn).Distinct()],
        };
    }

    /// <summary>The order of the plan: by data set, then method, then seed.</summary>
    private sealed class PlanOrder(ComparisonPlan plan)
    {
        private readonly Dictionary<string, int> _data = plan.DataSets.Index().ToDictionary(d => d.Item.Name, d => d.Index);
        private readonly Dictionary<string, int> _methods = plan.Methods.Index().ToDictionary(m => m.Item.Title, m => m.Index);
        private readonly Dictionary<ulong, int> _seeds = plan.Seeds.Index().ToDictionary(s => s.Item, s => s.Index);

        public (int, int, int) Of(string data, string method, ulong seed) => (_data[data], _methods[method], _seeds[seed]);
    }
}

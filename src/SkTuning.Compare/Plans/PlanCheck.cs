using System.Globalization;

namespace SkTuning.Compare;

/// <summary>Validates a plan. Error messages name the key as it appears in plan.json.</summary>
internal static class PlanCheck
{
    public static void Run(ComparisonPlan plan)
    {
        Good("name", plan.Name, plan.Name.Length > 0, "a non-empty string");
        Good("model", plan.Model, plan.Model.Length > 0, "a model folder or .gguf file");
        Paths("", ("model", plan.Model));
        Good("threads", plan.Threads, plan.Threads is >= 0 and <= 1024, "0 to 1024");
        Epochs("", plan.Epochs, plan.BatchSize);
        Good("maxTokens", plan.MaxTokens, plan.MaxTokens is null or >= 1, "1 or more");
        Found("seeds", "empty", plan.Seeds.Count > 0, "at least one seed");
        Unique("seeds", plan.Seeds);
        Found("dataSets", "empty", plan.DataSets.Count > 0, "at least one data set");
        Found("methods", "empty", plan.Methods.Count > 0, "at least one method");
        foreach (var (i, data) in plan.DataSets.Index()) Run($"dataSets[{i}]", data);
        foreach (var (i, method) in plan.Methods.Index())
        {
            Run($"methods[{i}]", method, plan);
            Rates($"methods[{i}].rates", method, plan);
            Descriptions($"methods[{i}]", method, plan);
        }
        Unique("dataSets[].name", plan.DataSets.Select(d => d.Name));
        Unique("methods[].name", plan.Methods.Select(m => m.Title));
        Good("reference", plan.Reference, plan.Reference is null || plan.Methods.Any(m => m.Title == plan.Reference),
            $"the name of one of the methods: {string.Join(", ", plan.Methods.Select(m => m.Title))}");
        SameTrials(plan);
    }

    private static void Run(string at, PlanDataSet data)
    {
        Good($"{at}.name", data.Name, data.Name.Trim().Length > 0, "a non-empty string");
        Paths($"{at}.", ("train", data.Train), ("dev", data.Dev), ("test", data.Test), ("kShot", data.KShot));
        Good($"{at}.prompt", data.Prompt, data.Prompt.Trim().Length > 0, "a description of the task in words");
        Good($"{at}.template", data.Template, data.Template.Split("{text}").Length == 2, "a string that contains {text} exactly once");
        if (data.KShot is null)
        {
            Found($"{at}.train", "missing", data.Train is not null, "a file of training rows, or kShot");
            Found($"{at}.test", "missing", data.Test is not null, "a file of test rows, or kShot");
        }
        else
        {
            foreach (var (key, value) in new[] { ("train", data.Train), ("dev", data.HasDev ? data.Dev : null), ("test", data.Test) })
                Good($"{at}.{key}", value, value is null, "no value in combination with kShot, whose folder contains all three splits");
        }
        if (data.Descriptions is { } descriptions) Descriptions($"{at}.descriptions", descriptions);
        Found($"{at}.labels", "one label", data.Labels is null or { Count: > 1 }, "two or more labels");
        Unique($"{at}.labels", data.Labels ?? []);
        Found($"{at}.levels", "one level", data.Levels is null or { Count: > 1 }, "two or more levels");
        Unique($"{at}.levels", data.Levels ?? []);
        Found($"{at}.metric", "quadraticKappa", data.Metric != ComparisonMetric.QuadraticKappa || data.Levels is not null,
            "another metric because the data set has no levels");
        Good($"{at}.shots", data.Shots, data.Shots is null or >= 1, "1 or more");
        Good($"{at}.limit", data.Limit, data.Limit is null or >= 2, "2 or more");
        Good($"{at}.limit", data.Limit, data.Limit is null || data.Shots is null, "no value in combination with shots");
        Good($"{at}.testLimit", data.TestLimit, data.TestLimit is null or >= 1, "1 or more");
        Good($"{at}.testLimit", data.TestLimit, data.TestLimit is not null || !data.CarvesTest, $"a number of rows, because test is {PlanDataSet.Carved}");
    }

    private static void Run(string at, PlanMethod method, ComparisonPlan plan)
    {
        Good($"{at}.preset", method.Preset, method.Preset is null || Preset.Names.Contains(method.Preset), $"one of {string.Join(", ", Preset.Names)}");
        Found($"{at}.method", "missing", method.Method is not null || method.Preset is not null, "a method, or a preset");
        var parts = method.Kind.Split('+');
        Good($"{at}.method", method.Method, parts.Length > 1 ? parts.All(TuningOptions.Names.Contains) : MethodTraits.Names.Contains(method.Kind),
            $"one of {string.Join(", ", MethodTraits.Names)}, or tuning methods joined by +");
        Good($"{at}.name", method.Name, method.Name is null || method.Name.Trim().Length > 0, "a non-empty string");
        if (MethodTraits.IsBaseline(method.Kind))
        {
            Good($"{at}.settings", string.Join(", ", method.Settings.Keys), method.Settings.Count == 0, $"no settings because {method.Kind} has none");
            (string, object?)[] tuned =
                [("epochs", method.Epochs), ("maxSteps", method.MaxSteps), ("batchSize", method.BatchSize), ("head", method.Head?.Name),
                ("objective", method.Objective?.Name), ("preset", method.Preset), ("template", method.Template), ("prune", method.Prune)];
            foreach (var (key, value) in tuned) Good($"{at}.{key}", value, value is null, $"no value because {method.Kind} has none");
        }
        else
        {
            try { MethodTraits.Options(method); }
            catch (SkTuningException e) { throw new SkTuningException($"'{at}.settings': {e.Message}", e); }
        }
        Epochs($"{at}.", method.Epochs, method.BatchSize);
        Good($"{at}.prune", method.Prune, method.Prune is null or (> 0 and <= 1), "above 0, at most 1");
        Good($"{at}.pruneBy", method.PruneBy, method.PruneBy == default || method.Prune is not null, "no value without prune");
        Good($"{at}.maxSteps", method.MaxSteps, method.MaxSteps is null or >= 1, "1 or more");
        Good($"{at}.template", method.Template, method.Template is null || method.Template.Split("{text}").Length == 2,
            "a string that contains {text} exactly once");
        foreach (var (name, prompt) in method.Prompts)
        {
            Found($"{at}.prompts.{name}", "for a data set that is not in the plan", plan.DataSets.Any(d => d.Name == name),
                $"one of {string.Join(", ", plan.DataSets.Select(d => d.Name))}");
            Good($"{at}.prompts.{name}", prompt, prompt.Trim().Length > 0, "a description of the task in words");
        }
    }

    private static void Epochs(string at, int? epochs, int? batchSize)
    {
        Good($"{at}epochs", epochs, epochs is null or (>= 1 and <= 100_000), "1 to 100000");
        Good($"{at}batchSize", batchSize, batchSize is null or (>= 1 and <= 65_536), "1 to 65536");
    }

    private static void Rates(string at, PlanMethod method, ComparisonPlan plan)
    {
        if (method.Rates is not { } rates) return;
        var shown = string.Join(", ", rates.Select(r => r.ToString(CultureInfo.InvariantCulture)));
        Good(at, shown, MethodTraits.DefaultRate(method) is not null, $"no learning rates because {method.Kind} has none");
        Found(at, "empty", rates.Count > 0, "at least one learning rate");
        foreach (var rate in rates) Good(at, rate, rate is > 0 and <= 10, "learning rates above 0 and at most 10");
        Unique(at, rates);
        if (rates.Count > 1 && plan.DataSets.FirstOrDefault(d => !d.HasDev) is { } data)
            Good(at, shown, false, $"one learning rate because the data set {data.Name} has no dev rows to choose with");
    }

    private static void Descriptions(string at, PlanMethod method, ComparisonPlan plan)
    {
        Good($"{at}.labelTexts", method.LabelTexts, Enum.IsDefined(method.LabelTexts), "asWritten, names, swapped or randomWords");
        if (MethodTraits.IsBaseline(method.Kind))
        {
            var own = string.Join(", ", method.Descriptions.Keys);
            Good($"{at}.descriptions", own, method.Descriptions.Count == 0, $"no descriptions because {method.Kind} reads none");
            Good($"{at}.labelTexts", method.LabelTexts, method.LabelTexts == LabelTexts.AsWritten, $"no value because {method.Kind} reads none");
        }
        foreach (var (name, descriptions) in method.Descriptions)
        {
            Found($"{at}.descriptions.{name}", "for a data set that is not in the plan", plan.DataSets.Any(d => d.Name == name),
                $"one of {string.Join(", ", plan.DataSets.Select(d => d.Name))}");
            Descriptions($"{at}.descriptions.{name}", descriptions);
        }
    }

    private static void Descriptions(string at, IReadOnlyDictionary<string, IReadOnlyList<string>> descriptions)
    {
        Found(at, "empty", descriptions.Count > 0, "a text for at least one label");
        foreach (var (label, texts) in descriptions)
        {
            var isGood = texts is { Count: > 0 } && texts.All(t => !string.IsNullOrWhiteSpace(t));
            Found($"{at}.{label}", texts is null ? "null" : "empty", isGood, "a text or several");
        }
    }

    /// <summary>Requires the same number of learning rates for all methods: more rates mean more chances to be lucky on the dev rows.</summary>
    private static void SameTrials(ComparisonPlan plan)
    {
        if (!plan.DataSets.Any(d => d.HasDev)) return;
        var rated = plan.Methods.Where(m => m.RatesTried.Count > 0).ToList();
        if (rated.Find(m => m.RatesTried.Count != rated[0].RatesTried.Count) is { } other)
            throw new SkTuningException($"'methods[].rates': {Line(rated[0].Title)} has {rated[0].RatesTried.Count} learning rates and " +
                $"{Line(other.Title)} has {other.RatesTried.Count}, expected the same number for every method with a learning rate.");
    }

    private static void Unique<T>(string key, IEnumerable<T> values)
    {
        if (values.GroupBy(v => v).FirstOrDefault(g => g.Count() > 1) is { } group)
            throw new SkTuningException($"'{key}': {Line(Text(group.Key))} appears {group.Count()} times, expected unique values.");
    }

    private static void Paths(string at, params ReadOnlySpan<(string Key, string? Path)> paths)
    {
        foreach (var (key, path) in paths) Good(at + key, path, path?.Contains('\0') != true, "a path, which has no character 0");
    }

    private static void Good<T>(string key, T value, bool good, string expected) => Found(key, Text(value), good, expected);

    private static void Found(string key, string found, bool good, string expected)
    {
        if (!good) throw new SkTuningException($"'{Line(key)}' is {Line(found)}, expected {Line(expected, 1000)}.");
    }

    private static string Line(string text, int maxLength = 400) => SkTuningFileException.OneLine(text, maxLength);

    private static string Text<T>(T value) => value is string s ? $"\"{s}\"" : FormattableString.Invariant($"{value}");
}

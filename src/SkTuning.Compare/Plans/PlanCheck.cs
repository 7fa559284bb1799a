namespace SkTuning.Compare;

/// <summary>What a plan may hold; each refusal names the key as it stands in plan.json.</summary>
internal static class PlanCheck
{
    public static void Run(ComparisonPlan plan)
    {
        Good("name", plan.Name, plan.Name.Length > 0, "a text");
        Good("model", plan.Model, plan.Model.Length > 0, "a model's folder or .gguf file");
        Good("threads", plan.Threads, plan.Threads is >= 0 and <= 1024, "0 to 1024");
        Good("epochs", plan.Epochs, plan.Epochs is >= 1 and <= 100_000, "1 to 100000");
        Good("batchSize", plan.BatchSize, plan.BatchSize is >= 1 and <= 65_536, "1 to 65536");
        Good("maxTokens", plan.MaxTokens, plan.MaxTokens is null or >= 1, "1 or more");
        Good("seeds", "empty", plan.Seeds.Count > 0, "at least one seed");
        Unique("seeds", plan.Seeds);
        Good("dataSets", "empty", plan.DataSets.Count > 0, "at least one data set");
        Good("methods", "empty", plan.Methods.Count > 0, "at least one method");
        foreach (var (i, data) in plan.DataSets.Index()) Run($"dataSets[{i}]", data);
        foreach (var (i, method) in plan.Methods.Index()) Run($"methods[{i}]", method, plan);
        Unique("dataSets[].name", plan.DataSets.Select(d => d.Name));
        Unique("methods[].name", plan.Methods.Select(m => m.Title));
        Good("reference", plan.Reference, plan.Reference is null || plan.Methods.Any(m => m.Title == plan.Reference), $"the name of one of the methods: {string.Join(", ", plan.Methods.Select(m => m.Title))}");
        SameTrials(plan);
    }

    private static void Run(string at, PlanDataSet data)
    {
        Good($"{at}.name", data.Name, data.Name.Trim().Length > 0, "a text");
        Good($"{at}.prompt", data.Prompt, data.Prompt.Trim().Length > 0, "the task in words");
        Good($"{at}.template", data.Template, data.Template.Split("{text}").Length == 2, "a text with {text} in it once");
        if (data.KShot is null)
        {
            Good($"{at}.train", "not there", data.Train is not null, "a file with training rows, or kShot");
            Good($"{at}.test", "not there", data.Test is not null, "a file with test rows, or kShot");
        }
        else
            foreach (var (key, value) in new[] { ("train", data.Train), ("dev", data.Dev), ("test", data.Test) })
                Good($"{at}.{key}", value, value is null, "nothing beside kShot, whose folder has all three");
        Good($"{at}.shots", data.Shots, data.Shots is null or >= 1, "1 or more");
        Good($"{at}.limit", data.Limit, data.Limit is null or >= 2, "2 or more");
        Good($"{at}.limit", data.Limit, data.Limit is null || data.Shots is null, "nothing beside shots");
        Good($"{at}.testLimit", data.TestLimit, data.TestLimit is null or >= 1, "1 or more");
    }

    private static void Run(string at, PlanMethod method, ComparisonPlan plan)
    {
        Good($"{at}.method", method.Method, method.Method.Split('+') is var parts && (parts.Length > 1 ? parts.All(TuningOptions.Names.Contains) : MethodTraits.Names.Contains(method.Method)), $"one of {string.Join(", ", MethodTraits.Names)}, or tuning methods joined by +");
        Good($"{at}.name", method.Name, method.Name is null || method.Name.Trim().Length > 0, "a text");
        if (MethodTraits.IsBaseline(method.Method)) Good($"{at}.settings", string.Join(", ", method.Settings.Keys), method.Settings.Count == 0, $"nothing: {method.Method} has no settings");
        else
            try { TuningOptions.Create(method.Method, method.Settings); }
            catch (SkTuningException e) { throw new SkTuningException($"'{at}.settings': {e.Message}", e); }
        if (method.Rates is { } rates)
        {
            Good($"{at}.rates", string.Join(", ", rates), MethodTraits.DefaultRate(method) is not null, $"nothing: {method.Method} has no learning rate");
            Good($"{at}.rates", "empty", rates.Count > 0, "at least one rate");
            foreach (var rate in rates) Good($"{at}.rates", rate, rate is > 0 and <= 10, "rates above 0, at most 10");
            Unique($"{at}.rates", rates);
        }
        foreach (var (name, prompt) in method.Prompts)
        {
            Good($"{at}.prompts.{name}", "for a data set that is not in the plan", plan.DataSets.Any(d => d.Name == name), $"one of {string.Join(", ", plan.DataSets.Select(d => d.Name))}");
            Good($"{at}.prompts.{name}", prompt, prompt.Trim().Length > 0, "the task in words");
        }
    }

    /// <summary>Whoever may try more rates has more chances to be lucky on dev.</summary>
    private static void SameTrials(ComparisonPlan plan)
    {
        var rated = plan.Methods.Where(m => m.RatesTried.Count > 0).ToList();
        if (rated.Find(m => m.RatesTried.Count != rated[0].RatesTried.Count) is { } other)
            throw new SkTuningException($"'methods[].rates': {rated[0].Title} tries {rated[0].RatesTried.Count} learning rates and {other.Title} {other.RatesTried.Count}, expected the same number for every method that has one.");
    }

    private static void Unique<T>(string key, IEnumerable<T> values)
    {
        if (values.GroupBy(v => v).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new SkTuningException($"'{key}': {Text(twice.Key)} is there twice, expected each once.");
    }

    private static void Good<T>(string key, T value, bool good, string expected)
    {
        if (!good) throw new SkTuningException($"'{key}' is {Text(value)}, expected {expected}.");
    }

    private static string Text<T>(T value) => value is string s ? $"\"{s}\"" : FormattableString.Invariant($"{value}");
}

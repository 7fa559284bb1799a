namespace SkTuning.Compare;

/// <summary>
/// Checks a result that was read from a file, as a whole: its tables, page and report rely on the same data sets, methods, seeds and rows everywhere.
/// </summary>
internal sealed class ResultCheck
{
    private readonly ComparisonResult _result;
    private readonly string _file;
    private readonly Dictionary<string, ComparedDataSet> _sets = new(StringComparer.Ordinal);
    private readonly HashSet<string> _methods = new(StringComparer.Ordinal);
    private readonly HashSet<ulong> _seeds = [];

    private ResultCheck(ComparisonResult result, string file) => (_result, _file) = (result, file);

    /// <exception cref="SkTuningFileException">A value is not possible; the message names its key.</exception>
    public static void Run(ComparisonResult result, string file)
    {
        var check = new ResultCheck(result, file);
        check.Names();
        check.Trials();
        check.Scores();
        check.Summaries();
        check.Comparisons();
    }

    private void Names()
    {
        foreach (var (i, seed) in _result.Setup.Seeds.Index()) That($"setup.seeds[{i}]", seed, _seeds.Add(seed), "each seed once");
        foreach (var (i, data) in Each("dataSets", _result.DataSets))
        {
            var at = $"dataSets[{i}]";
            That($"{at}.name", data.Name, _sets.TryAdd(data.Name, data), "each name once");
            That($"{at}.metric", data.Metric, Enum.IsDefined(data.Metric), "a metric");
            That($"{at}.labels", "a list with null, or with a label that occurs twice",
                data.Labels.All(l => l is not null) && data.Labels.Distinct(StringComparer.Ordinal).Count() == data.Labels.Count, "different labels");
            That($"{at}.trainRows", data.TrainRows, data.TrainRows >= 1, "1 or more");
            That($"{at}.devRows", data.DevRows, data.DevRows >= 0, "0 or more");
            foreach (var (label, texts) in data.Descriptions ?? new Dictionary<string, IReadOnlyList<string>>())
                That($"{at}.descriptions.{label}", "not texts", texts is { Count: > 0 } && texts.All(t => t is not null), "one or more texts");
            foreach (var (row, label) in data.Truth.Index()) That($"{at}.truth[{row}]", label, IsLabel(label, data), $"0 to {data.Labels.Count - 1}");
            foreach (var (l, leak) in Each($"{at}.leaks", data.Leaks))
            {
                That($"{at}.leaks[{l}].examples", "empty", leak.Examples.Count > 0, "one or more rows");
                foreach (var (e, row) in Each($"{at}.leaks[{l}].examples", leak.Examples))
                    That($"{at}.leaks[{l}].examples[{e}].text", "null", row.Text is not null, "a text");
            }
        }
        foreach (var (i, method) in Each("methods", _result.Methods))
        {
            That($"methods[{i}].name", method.Name, _methods.Add(method.Name), "each name once");
            That($"methods[{i}].rates", "a number that is not a learning rate", method.Rates.All(TrialCheck.IsRate), "numbers above 0");
        }
        That("setup.reference", _result.Setup.Reference, _methods.Contains(_result.Setup.Reference), "one of the methods");
    }

    private void Trials()
    {
        var trials = new HashSet<(string, string, ulong, double?)>();
        foreach (var (i, trial) in Each("trials", _result.Trials))
        {
            Known($"trials[{i}]", trial.DataSet, trial.Method, trial.Seed);
            if (TrialCheck.Fault(trial) is var (key, found, expected)) That($"trials[{i}].{key}", found, false, expected);
            That($"trials[{i}]", "the second result of a trial", trials.Add((trial.DataSet, trial.Method, trial.Seed, trial.Rate)), "each trial once");
        }
        That("plannedTrials", _result.PlannedTrials, _result.PlannedTrials >= _result.Trials.Count, $"{_result.Trials.Count} or more, the number of trials");
    }

    private void Scores()
    {
        var tests = new HashSet<(string, string, ulong)>();
        foreach (var (i, score) in Each("scores", _result.Scores))
        {
            var at = $"scores[{i}]";
            Known(at, score.DataSet, score.Method, score.Seed);
            That(at, "the second result of a test", tests.Add((score.DataSet, score.Method, score.Seed)), "each test once");
            var data = _sets[score.DataSet];
            That($"{at}.rate", score.Rate, score.Rate is not { } rate || TrialCheck.IsRate(rate), "a number above 0");
            That($"{at}.seconds", score.Seconds, TrialCheck.IsTime(score.Seconds), "a time in seconds");
            That($"{at}.passes", score.Passes, score.Passes is not { } read || TrialCheck.IsPasses(read), "0 or more");
            (string, double)[] values =
                [("devScore", score.DevScore ?? 0), ("score", score.Score), ("accuracy", score.Accuracy), ("macroF1", score.MacroF1), ("mcc", score.Mcc)];
            foreach (var (key, value) in values) That($"{at}.{key}", value, TrialCheck.IsScore(value), "-1 to 1");
            That($"{at}.predicted", $"a list of {score.Predicted.Count}", score.Predicted.Count == data.Truth.Count,
                $"{data.Truth.Count}, one for each test row");
            foreach (var (row, label) in score.Predicted.Index()) That($"{at}.predicted[{row}]", label, IsLabel(label, data), $"0 to {data.Labels.Count - 1}");
            That($"{at}.confidence", $"a list of {score.Confidence.Count}", score.Confidence.Count == 0 || score.Confidence.Count == data.Truth.Count,
                $"none, or {data.Truth.Count}, one for each test row");
            foreach (var (row, value) in score.Confidence.Index()) That($"{at}.confidence[{row}]", value, value is >= 0 and <= 1, "0 to 1");
            That($"{at}.classes", $"a list of {score.Classes.Count}", score.Classes.Count == data.Labels.Count, $"{data.Labels.Count}, one for each label");
            foreach (var (c, each) in Each($"{at}.classes", score.Classes))
            {
                That($"{at}.classes[{c}].label", each.Label, each.Label == data.Labels[c], data.Labels[c]);
                (string, double)[] parts = [("precision", each.Precision), ("recall", each.Recall), ("f1", each.F1)];
                foreach (var (key, value) in parts) That($"{at}.classes[{c}].{key}", value, TrialCheck.IsBetween(value, 0, 1), "0 to 1");
                That($"{at}.classes[{c}].rows", each.Rows, each.Rows >= 0, "0 or more");
            }
        }
    }

    /// <summary>The pages find a summary for each data set and method, and a mean if and only if there are scores.</summary>
    private void Summaries()
    {
        var cells = new HashSet<(string, string)>();
        foreach (var (i, summary) in Each("summaries", _result.Summaries))
        {
            var at = $"summaries[{i}]";
            Known(at, summary.DataSet, summary.Method, null);
            That(at, "a second summary", cells.Add((summary.DataSet, summary.Method)), "one for each data set and method");
            That($"{at}.metric", summary.Metric, summary.Metric == _sets[summary.DataSet].Metric, $"{_sets[summary.DataSet].Metric}");
            var scores = _result.Scores.Count(s => s.DataSet == summary.DataSet && s.Method == summary.Method);
            That($"{at}.seeds", summary.Seeds, summary.Seeds == scores, $"{scores}, the number of scores");
            That($"{at}.scores", $"a list of {summary.Scores.Count}", summary.Scores.Count == scores && summary.Scores.All(TrialCheck.IsScore),
                $"{scores} scores");
            That($"{at}.mean", summary.Mean, scores == 0 ? summary.Mean is null : summary.Mean is { } mean && TrialCheck.IsScore(mean),
                scores == 0 ? "null" : "-1 to 1");
            That($"{at}.sd", summary.Sd, summary.Sd is not { } sd || TrialCheck.IsBetween(sd, 0, 2), "0 to 2");
            That($"{at}.devMean", summary.DevMean, summary.DevMean is not { } dev || TrialCheck.IsScore(dev), "-1 to 1");
            That($"{at}.rates", "a list with a number that is not a learning rate", summary.Rates.All(TrialCheck.IsRate), "numbers above 0");
            (string, long)[] counts = [("failedTrials", summary.FailedTrials), ("parameters", summary.Parameters), ("adapterBytes", summary.AdapterBytes)];
            foreach (var (key, count) in counts) That($"{at}.{key}", count, count >= 0, "0 or more");
            That($"{at}.secondsPerTrial", summary.SecondsPerTrial, TrialCheck.IsTime(summary.SecondsPerTrial), "a time in seconds");
            That($"{at}.secondsPerStep", summary.SecondsPerStep, summary.SecondsPerStep is not { } step || TrialCheck.IsTime(step), "a time in seconds");
            That($"{at}.passes", summary.Passes, summary.Passes is not { } passes || TrialCheck.IsPasses(passes), "0 or more");
        }
        That("summaries", $"a list of {cells.Count}", cells.Count == _sets.Count * _methods.Count,
            $"{_sets.Count * _methods.Count}, one for each data set and method");
    }

    private void Comparisons()
    {
        var pairs = new HashSet<(string, string)>();
        foreach (var (i, pair) in Each("comparisons", _result.Comparisons))
        {
            var at = $"comparisons[{i}]";
            Known(at, pair.DataSet, pair.Method, null);
            That(at, "a second comparison", pairs.Add((pair.DataSet, pair.Method)), "one for each data set and method");
            That($"{at}.reference", pair.Reference, pair.Reference == _result.Setup.Reference, _result.Setup.Reference);
            (string, double, double, double)[] values =
            [
                ("referenceMean", pair.ReferenceMean, -1, 1), ("methodMean", pair.MethodMean, -1, 1), ("difference", pair.Difference, -2, 2),
                ("low", pair.Low, -2, 2), ("high", pair.High, -2, 2), ("rowsPValue", pair.RowsPValue, 0, 1), ("seedsPValue", pair.SeedsPValue ?? 0, 0, 1),
                ("pValue", pair.PValue, 0, 1), ("adjustedPValue", pair.AdjustedPValue, 0, 1), ("mcNemarPValue", pair.McNemarPValue, 0, 1),
                ("onlyReference", pair.OnlyReference, 0, int.MaxValue), ("onlyMethod", pair.OnlyMethod, 0, int.MaxValue),
                ("seeds", pair.Seeds, 1, int.MaxValue),
            ];
            foreach (var (key, value, min, max) in values)
                That($"{at}.{key}", value, TrialCheck.IsBetween(value, min, max), FormattableString.Invariant($"{min} to {max}"));
        }
    }

    private void Known(string at, string data, string method, ulong? seed)
    {
        That($"{at}.dataSet", data, _sets.ContainsKey(data), "one of the data sets");
        That($"{at}.method", method, _methods.Contains(method), "one of the methods");
        That($"{at}.seed", seed, seed is not { } known || _seeds.Contains(known), "one of the seeds");
    }

    /// <summary>Returns the elements of a list, with their indices. The serializer does not refuse null in lists.</summary>
    private IEnumerable<(int Index, T Item)> Each<T>(string at, IReadOnlyList<T> items) where T : class
    {
        foreach (var (i, item) in items.Index())
        {
            That($"{at}[{i}]", "null", item is not null, "an object");
            yield return (i, item!);
        }
    }

    private static bool IsLabel(int label, ComparedDataSet data) => label >= 0 && label < data.Labels.Count;

    private void That(string key, object? found, bool isPossible, string expected)
    {
        if (isPossible) return;
        throw SkTuningException.BadFile(_file, key, found is null ? "null" : FormattableString.Invariant($"{found}"), expected, ComparisonResult.Damaged);
    }
}

using static SkTuning.Compare.TableColumn;

namespace SkTuning.Compare;

/// <summary>Defines the tables of a result, with the names and order of their columns.</summary>
internal static class ResultTables
{
    public static IReadOnlyList<(string Name, IReadOnlyList<TableColumn> Columns)> Of(ComparisonResult result) =>
    [
        ("trials", Trials(result.Trials)), ("epochs", Epochs(result.Trials)), ("scores", Scores(result.Scores)), ("classes", Classes(result.Scores)),
        ("summary", Summary(result.Summaries)), ("comparisons", Comparisons(result.Comparisons)), ("predictions", Predictions(result)),
    ];

    private static IReadOnlyList<TableColumn> Trials(IReadOnlyList<ComparisonTrial> t) =>
    [
        Texts("data_set", t, x => x.DataSet), Texts("method", t, x => x.Method), Integers("seed", t, x => (long)x.Seed),
        Numbers("learning_rate", t, x => x.Rate),
        Texts("error", t, x => x.Error), Numbers("dev_score", t, x => x.DevScore), Numbers("dev_loss", t, x => x.DevLoss),
        Integers("best_epoch", t, x => x.BestEpoch),
        Integers("parameters", t, x => x.Parameters), Integers("adapter_bytes", t, x => x.AdapterBytes), Integers("steps", t, x => x.Steps),
        Numbers("seconds", t, x => x.Seconds),
        Numbers("seconds_per_step", t, x => x.SecondsPerStep), Integers("train_rows", t, x => x.TrainRows), Integers("dev_rows", t, x => x.DevRows),
        Integers("cut_rows", t, x => x.TruncatedRows),
        Texts("key", t, x => x.Key),
    ];

    private static IReadOnlyList<TableColumn> Epochs(IReadOnlyList<ComparisonTrial> trials)
    {
        var e = trials.SelectMany(t => t.Epochs.Select(epoch => (Trial: t, Epoch: epoch))).ToList();
        return
        [
            Texts("data_set", e, x => x.Trial.DataSet), Texts("method", e, x => x.Trial.Method), Integers("seed", e, x => (long)x.Trial.Seed),
            Numbers("learning_rate", e, x => x.Trial.Rate),
            Integers("epoch", e, x => x.Epoch.Epoch), Numbers("train_loss", e, x => x.Epoch.TrainLoss), Numbers("dev_loss", e, x => x.Epoch.DevLoss),
            Numbers("dev_accuracy", e, x => x.Epoch.DevAccuracy),
        ];
    }

    private static IReadOnlyList<TableColumn> Scores(IReadOnlyList<ComparisonScore> s) =>
    [
        Texts("data_set", s, x => x.DataSet), Texts("method", s, x => x.Method), Integers("seed", s, x => (long)x.Seed),
        Numbers("learning_rate", s, x => x.Rate),
        Numbers("dev_score", s, x => x.DevScore), Numbers("test_score", s, x => x.Score), Numbers("test_accuracy", s, x => x.Accuracy),
        Numbers("test_macro_f1", s, x => x.MacroF1),
        Numbers("test_mcc", s, x => x.Mcc), Integers("test_rows", s, x => x.Predicted.Count), Numbers("test_seconds", s, x => x.Seconds),
        Numbers("passes", s, x => x.Passes),
        Texts("key", s, x => x.Trial),
    ];

    private static IReadOnlyList<TableColumn> Classes(IReadOnlyList<ComparisonScore> scores)
    {
        var c = scores.SelectMany(s => s.Classes.Select(k => (Score: s, Class: k))).ToList();
        return
        [
            Texts("data_set", c, x => x.Score.DataSet), Texts("method", c, x => x.Score.Method), Integers("seed", c, x => (long)x.Score.Seed),
            Texts("label", c, x => x.Class.Label),
            Numbers("precision", c, x => x.Class.Precision), Numbers("recall", c, x => x.Class.Recall), Numbers("f1", c, x => x.Class.F1),
            Integers("rows", c, x => x.Class.Rows),
        ];
    }

    private static IReadOnlyList<TableColumn> Summary(IReadOnlyList<ComparisonSummary> s) =>
    [
        Texts("data_set", s, x => x.DataSet), Texts("method", s, x => x.Method), Texts("metric", s, x => x.Metric.Title()), Integers("seeds", s, x => x.Seeds),
        Numbers("mean", s, x => x.Mean), Numbers("sd", s, x => x.Sd), Numbers("dev_mean", s, x => x.DevMean),
        Integers("failed_trials", s, x => x.FailedTrials), Texts("failure", s, x => x.Failure),
        Integers("parameters", s, x => x.Parameters), Integers("adapter_bytes", s, x => x.AdapterBytes), Integers("train_rows", s, x => x.TrainRows),
        Numbers("seconds_per_step", s, x => x.SecondsPerStep), Numbers("seconds_per_trial", s, x => x.SecondsPerTrial),
    ];

    private static IReadOnlyList<TableColumn> Comparisons(IReadOnlyList<PairedComparison> c) =>
    [
        Texts("data_set", c, x => x.DataSet), Texts("reference", c, x => x.Reference), Texts("method", c, x => x.Method),
        Texts("outcome", c, x => x.Outcome.ToString().ToLowerInvariant()),
        Integers("seeds", c, x => x.Seeds), Numbers("reference_mean", c, x => x.ReferenceMean), Numbers("method_mean", c, x => x.MethodMean),
        Numbers("difference", c, x => x.Difference),
        Numbers("low", c, x => x.Low), Numbers("high", c, x => x.High), Numbers("p_rows", c, x => x.RowsPValue), Numbers("p_seeds", c, x => x.SeedsPValue),
        Numbers("p", c, x => x.PValue),
        Numbers("p_holm", c, x => x.AdjustedPValue), Integers("only_reference_right", c, x => x.OnlyReference),
        Integers("only_method_right", c, x => x.OnlyMethod), Numbers("p_mcnemar", c, x => x.McNemarPValue),
    ];

    private static IReadOnlyList<TableColumn> Predictions(ComparisonResult result)
    {
        var sets = result.DataSets.ToDictionary(d => d.Name);
        var p = result.Scores.SelectMany(s => s.Predicted.Select((predicted, row) => (Score: s, Set: sets[s.DataSet], Predicted: predicted, Row: row)))
            .ToList();
        return
        [
            Texts("data_set", p, x => x.Score.DataSet), Texts("method", p, x => x.Score.Method), Integers("seed", p, x => (long)x.Score.Seed),
            Integers("row", p, x => x.Row + 1),
            Texts("label", p, x => x.Set.Labels[x.Set.Truth[x.Row]]), Texts("predicted", p, x => x.Set.Labels[x.Predicted]),
            Numbers("confidence", p, x => x.Score.Confidence.Count > 0 ? x.Score.Confidence[x.Row] : null),
        ];
    }
}

using System.Text.Json;
using SkTuning.Metrics;

namespace SkTuning.Tests.Metrics;

/// <summary>
/// Compares every number of the available metrics/*.json files, computed by scikit-learn, SciPy, and seqeval, to 1e-9. A null represents NaN.
/// </summary>
public sealed class MetricFixtureTests
{
    private static readonly string Folder = Path.Combine(Fixtures.Root, "metrics");

    public static TheoryData<string, int> Cases()
    {
        var cases = new TheoryData<string, int>();
        foreach (var path in Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal).ToArray() : [])
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            for (var i = 0; i < document.RootElement.GetProperty("cases").GetArrayLength(); i++) cases.Add(Path.GetFileName(path), i);
        }
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Every_number_equals_the_reference(string file, int index)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, file)));
        var c = document.RootElement.GetProperty("cases")[index];
        var kind = c.GetProperty("kind").GetString()!;
        var actual = kind switch
        {
            "classes" => Classes(c),
            "regression" => Regression(c),
            "multilabel" => MultiLabel(c),
            "entities" => Entities(c),
            _ => throw new Xunit.Sdk.XunitException($"a new kind of case: {kind}"),
        };
        foreach (var expected in c.GetProperty("expected").EnumerateObject())
        {
            var value = actual.GetValueOrDefault(expected.Name) ?? throw new Xunit.Sdk.XunitException($"{kind}: a new metric: {expected.Name}");
            Compare(expected.Value, value, $"{kind} {index}, {expected.Name}");
        }
    }

    private static Dictionary<string, object> Classes(JsonElement c)
    {
        var (truth, predicted, p) = (Integers(c, "truth"), Integers(c, "predicted"), Rows(c, "probabilities"));
        var labels = Enumerable.Range(0, c.GetProperty("classes").GetInt32()).Select(i => $"class {i}").ToArray();
        var report = ClassificationReport.Of(labels, truth, predicted);
        Assert.Equal(report.Accuracy, ClassificationMetrics.Accuracy(truth, predicted));
        var values = new Dictionary<string, object>
        {
            ["accuracy"] = report.Accuracy,
            ["precision"] = report.PerClass.Select(s => s.Scores.Precision).ToArray(),
            ["recall"] = report.PerClass.Select(s => s.Scores.Recall).ToArray(),
            ["f1"] = report.PerClass.Select(s => s.Scores.F1).ToArray(),
            ["support"] = report.PerClass.Select(s => (double)s.Rows).ToArray(),
            ["macro_f1"] = report.Macro.F1,
            ["micro_f1"] = report.Micro.F1,
            ["weighted_f1"] = report.Weighted.F1,
            ["mcc"] = report.MatthewsCorrelation,
            ["cohen_kappa"] = report.CohenKappa,
            ["confusion"] = labels.Select((_, i) => labels.Select((_, j) => (double)report.Confusion(i, j)).ToArray()).ToArray(),
            ["log_loss"] = ProbabilityMetrics.LogLoss(truth, p),
            ["brier"] = ProbabilityMetrics.Brier(truth, p),
            ["auc"] = ProbabilityMetrics.Auc(truth, p),
        };
        foreach (var name in c.GetProperty("expected").EnumerateObject().Select(e => e.Name))
        {
            if (name.StartsWith("top", StringComparison.Ordinal)) values[name] = ProbabilityMetrics.TopK(truth, p, int.Parse(name[3..]));
            if (name.StartsWith("ece", StringComparison.Ordinal)) values[name] = ProbabilityMetrics.CalibrationError(truth, p, int.Parse(name[3..]));
        }
        return values;
    }

    private static Dictionary<string, object> Regression(JsonElement c)
    {
        var (truth, predicted) = (Numbers(c.GetProperty("truth")), Numbers(c.GetProperty("predicted")));
        return new()
        {
            ["mse"] = RegressionMetrics.MeanSquaredError(truth, predicted),
            ["mae"] = RegressionMetrics.MeanAbsoluteError(truth, predicted),
            ["r2"] = RegressionMetrics.RSquared(truth, predicted),
            ["pearson"] = RegressionMetrics.Pearson(truth, predicted),
            ["spearman"] = RegressionMetrics.Spearman(truth, predicted),
        };
    }

    private static Dictionary<string, object> MultiLabel(JsonElement c)
    {
        var truth = Rows(c, "truth").Select(r => r.Select(v => v == 1).ToArray()).ToArray();
        var scores = Rows(c, "probabilities");
        var predicted = MultiLabelMetrics.AtThreshold(scores, c.GetProperty("threshold").GetDouble());
        return new()
        {
            ["subset_accuracy"] = MultiLabelMetrics.SubsetAccuracy(truth, predicted),
            ["hamming_loss"] = MultiLabelMetrics.HammingLoss(truth, predicted),
            ["micro_f1"] = MultiLabelMetrics.Micro(truth, predicted).F1,
            ["macro_f1"] = MultiLabelMetrics.Macro(truth, predicted).F1,
            ["samples_f1"] = MultiLabelMetrics.Samples(truth, predicted).F1,
            ["lrap"] = MultiLabelMetrics.RankingAveragePrecision(truth, scores),
        };
    }

    private static Dictionary<string, object> Entities(JsonElement c)
    {
        var (truth, predicted) = (Tags("truth"), Tags("predicted"));
        var accuracy = EntityMetrics.TokenAccuracy(truth, predicted);
        var isNull = c.GetProperty("expected").GetProperty("token_accuracy").ValueKind == JsonValueKind.Null;
        return new()
        {
            ["conll"] = Report(EntityMetrics.Conll(truth, predicted)),
            ["strict_iob2"] = Report(EntityMetrics.Strict(truth, predicted)),
            // seqeval has no token accuracy if a sentence is empty, so the file contains null; ours ignores such a sentence.
            ["token_accuracy"] = isNull && truth.Any(t => t.Length == 0) ? double.NaN : accuracy,
        };

        string[][] Tags(string name) => c.GetProperty(name).EnumerateArray().Select(s => s.EnumerateArray().Select(t => t.GetString()!).ToArray()).ToArray();

        static Dictionary<string, object> Report(EntityReport r) => new()
        {
            ["precision"] = r.Micro.Precision,
            ["recall"] = r.Micro.Recall,
            ["f1"] = r.Micro.F1,
            ["macro_f1"] = r.Macro.F1,
        };
    }

    private static void Compare(JsonElement expected, object actual, string what)
    {
        switch (actual)
        {
            case Dictionary<string, object> values:
                foreach (var e in expected.EnumerateObject()) Compare(e.Value, values[e.Name], $"{what} {e.Name}");
                break;
            case double[][] rows:
                Assert.Equal(expected.GetArrayLength(), rows.Length);
                for (var i = 0; i < rows.Length; i++) Compare(expected[i], rows[i], $"{what} {i}");
                break;
            case double[] values:
                Assert.Equal(expected.GetArrayLength(), values.Length);
                for (var i = 0; i < values.Length; i++) Compare(expected[i], values[i], $"{what} {i}");
                break;
            case double value when expected.ValueKind == JsonValueKind.Null:
                Assert.True(double.IsNaN(value), $"{what}: {value}, expected NaN");
                break;
            case double value:
                Assert.True(Math.Abs(value - expected.GetDouble()) <= 1e-9, $"{what}: {value:R}, expected {expected.GetDouble():R}");
                break;
            default:
                throw new Xunit.Sdk.XunitException($"{what}: not compared");
        }
    }

    private static int[] Integers(JsonElement c, string name) => c.GetProperty(name).EnumerateArray().Select(v => v.GetInt32()).ToArray();

    private static double[] Numbers(JsonElement list) => list.EnumerateArray().Select(v => v.GetDouble()).ToArray();

    private static double[][] Rows(JsonElement c, string name) => c.GetProperty(name).EnumerateArray().Select(Numbers).ToArray();
}

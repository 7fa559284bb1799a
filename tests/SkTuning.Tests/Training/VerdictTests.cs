using System.Text.Json.Nodes;
using SkTuning.Training.Runs;

namespace SkTuning.Tests.Training;

/// <summary>What the end of a training says about the adapter and the label texts.</summary>
public sealed class VerdictTests(SmallTask task) : IClassFixture<SmallTask>
{
    private static TrainingVerdict Verdict(double head, double adapter, double low, double high, bool keeps = true, int folds = 3) => new()
    {
        Rows = 96,
        Folds = folds,
        Metric = "accuracy",
        HeadScore = head,
        AdapterScore = adapter,
        Difference = new(adapter - head, low, high, 0.95),
        PValue = 0.5,
        KeepsAdapter = keeps,
    };

    [Fact]
    public void The_summary_says_in_points_whether_the_adapter_helped()
    {
        Assert.Equal("The adapter helped by 6.1 points: accuracy 78.5, 72.4 with the head alone (95 % interval of the difference 2.1 to 10.0; "
            + "cross-validation of 96 rows in 3 parts).", Verdict(0.724, 0.785, 0.021, 0.1).Summary);
        Assert.StartsWith("The adapter did not help: accuracy 70.0, 72.4 with the head alone, which was kept (95 % interval of the difference -5.0 to 1.0; ",
            Verdict(0.724, 0.7, -0.05, 0.01, keeps: false).Summary);
        Assert.StartsWith("It is not certain that the adapter helps: accuracy 73.0, 72.4 with the head alone (", Verdict(0.724, 0.73, -0.01, 0.02).Summary);
        Assert.Contains("72.4 with the head alone, which was kept since its loss is clearly lower (", Verdict(0.724, 0.73, -0.01, 0.02, keeps: false).Summary);
        Assert.Contains("72.4 with the head alone: the adapter was kept since its loss is not clearly higher (", Verdict(0.724, 0.72, -0.01, 0.02).Summary);
        Assert.StartsWith("The adapter made no difference: ", Verdict(0.5, 0.5, -0.01, 0.02).Summary);
        Assert.StartsWith("The adapter made it worse by 10.0 points: accuracy 62.4, 72.4 with the head alone, which was kept",
            Verdict(0.724, 0.624, -0.2, -0.01, keeps: false).Summary);
        Assert.EndsWith("; 96 dev rows).", Verdict(0.724, 0.73, -0.01, 0.02, folds: 0).Summary);
        Assert.StartsWith("The adapter helped by 0.25: mse 0.5, 0.75 with the head alone (95 % interval of the difference -0.4 to -0.1; ",
            (Verdict(0.75, 0.5, -0.4, -0.1) with { Metric = "mse", LowerIsBetter = true }).Summary);
    }

    [Fact]
    public void The_verdict_has_a_document_of_its_own()
    {
        var json = RunJson.Verdict(Verdict(0.724, 0.785, 0.021, 0.1))!;
        Assert.StartsWith("The adapter helped", (string)json["summary"]!);
        Assert.Equal((0.724, 0.785, 3), ((double)json["headScore"]!, (double)json["adapterScore"]!, (int)json["folds"]!));
        Assert.Equal(0.021, (double)json["difference"]!["low"]!);
        Assert.True((bool)json["keepsAdapter"]!);
        Assert.Null(json["advice"]);
        Assert.Null(RunJson.Verdict(null));
    }

    [Fact]
    public void A_misleading_text_is_found_by_cross_validation_and_is_in_the_run_folder()
    {
        using var folder = new TemporaryFolder();
        string[] account = Messages("account"), delivery = Messages("delivery");
        Row[] rows = [.. account.Select(t => new Row(t, "account")), .. delivery.Select(t => new Row(t, "delivery"))];
        var options = new TextClassifierOptions
        {
            Method = new ProbeOptions(),
            LabelDescriptions = new Dictionary<string, IReadOnlyList<string>> { ["account"] = [delivery[1]], ["delivery"] = [account[1]] },
            Training = new() { RunFolder = folder["run"] },
        };
        using var trained = TextClassifier.Train(task.Model, rows, options);
        var check = trained.Report!.Descriptions!;
        Assert.True(check.AreTextsChecked);
        Assert.StartsWith("The label texts hurt: accuracy ", check.Summary);
        Assert.Equal(["account", "delivery"], check.Misleading.Select(t => t.Label).Order(StringComparer.Ordinal));
        Assert.All(check.Misleading, t => Assert.True(t.Gain > 0));
        Assert.Equal(trained.Report.Verdict!.HeadScore, check.Score);

        // Of several texts, only the wrong one.
        using var several = TextClassifier.Train(task.Model, rows, options with
        {
            LabelDescriptions = new Dictionary<string, IReadOnlyList<string>> { ["account"] = [account[4]], ["delivery"] = [delivery[1], account[1]] },
            Training = new() { Metric = "loss" },
        });
        Assert.Equal([account[1]], several.Report!.Descriptions!.Misleading.Select(t => t.Text));

        var report = JsonNode.Parse(File.ReadAllText(Path.Combine(folder["run"], "report.json")))!;
        Assert.Equal(check.Summary, (string)report["descriptions"]!["summary"]!);
        Assert.Equal(check.Misleading[0].Label, (string)report["descriptions"]!["misleading"]![0]!["label"]!);
    }

    /// <summary>Twelve messages on a topic.</summary>
    private static string[] Messages(string topic)
    {
        var all = RowFile.Load(Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv"));
        return [.. all.Where(r => r.Label == topic).Take(12).Select(r => r.Text)];
    }

    [Fact]
    public void A_prior_without_weight_and_a_training_without_parts_have_no_check()
    {
        var options = new TextClassifierOptions { Method = new ProbeOptions(), Head = new SemanticHeadOptions { PriorWeight = 0 } };
        using (var ignored = TextClassifier.Train(task.Model, task.Rows, options))
        {
            Assert.NotNull(ignored.Report!.Verdict);
            Assert.Null(ignored.Report.Descriptions);
        }
        using var unmeasured = TextClassifier.Train(task.Model, task.Rows, options with { Head = null, Training = new() { Folds = 0 } });
        Assert.Null(unmeasured.Report!.Verdict);
        Assert.Null(unmeasured.Report.Descriptions);
    }

    [Fact]
    public void The_score_without_texts_is_that_of_a_head_without_a_prior()
    {
        double Score(SemanticHeadOptions head, Func<TrainingReport, double> of)
        {
            var options = new TextClassifierOptions { Method = new ProbeOptions(), Head = head, Training = new() { Metric = "loss" } };
            using var trained = TextClassifier.Train(task.Model, task.Rows, options);
            return of(trained.Report!);
        }

        Assert.Equal(Score(new() { PriorWeight = 0 }, r => r.Verdict!.HeadScore), Score(new(), r => r.Descriptions!.ScoreWithout), 1e-5);
    }

    [Fact]
    public void Where_the_adapter_did_not_help_the_advice_is_what_the_training_lacks()
    {
        var options = new TextClassifierOptions { Method = new LoraOptions { Rank = 1 }, Training = new() { MaxSteps = 1, LearningRate = 1e-9, Folds = 2 } };
        using var trained = TextClassifier.Train(task.Model, task.Rows, options);
        Assert.Contains("Try ", trained.Report!.Verdict!.Advice);
    }
}

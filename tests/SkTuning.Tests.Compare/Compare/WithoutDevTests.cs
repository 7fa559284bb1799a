using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Compare;
using SkTuning.Reports;

namespace SkTuning.Tests.Compare;

/// <summary>Comparisons without dev rows, and with descriptions of the labels.</summary>
public sealed class WithoutDevTests : IDisposable
{
    private static readonly Dictionary<string, IReadOnlyList<string>> Texts = new()
    {
        ["payment"] = ["payment", "a bill or a card"],
        ["delivery"] = ["delivery", "where a parcel is now", "My parcel is late"],
    };

    private static readonly PlanMethod Probe = new() { Method = "probe", Head = new SemanticHeadOptions() };

    private readonly SmallComparison _small = new();

    private ComparisonPlan Plan(params PlanMethod[] methods)
    {
        var plan = _small.Make(methods);
        return plan with { DataSets = [plan.DataSets[0] with { Dev = "none", Descriptions = Texts }] };
    }

    private static Cell Cell(ComparisonPlan plan, ulong seed = 1) => LoadedData.Read(plan, plan.DataSets[0]).Cell(plan.Methods[0], seed);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Data_with_levels_is_trained_as_such_and_measured_by_their_distances(bool hasDev)
    {
        var plan = _small.Make(new() { Method = "majority" }, Probe);
        var data = plan.DataSets[0] with { Levels = ["payment", "delivery"], Metric = ComparisonMetric.QuadraticKappa, Dev = hasDev ? "dev.tsv" : "none" };
        plan = plan with { DataSets = [data] };
        plan.Validate();
        var result = _small.Run(plan);
        Assert.All(result.Trials, t => Assert.Null(t.Error));
        Assert.Equal(["payment", "delivery"], result.DataSets[0].Labels);
        // With two levels, all errors have the same weight.
        var kappa = _small.Run(plan with { DataSets = [data with { Metric = ComparisonMetric.Kappa }] });
        Assert.Equal(kappa.Scores.Select(s => s.Score), result.Scores.Select(s => s.Score), (a, b) => Math.Abs(a - b) < 1e-9);
        var cell = Cell(plan);
        Assert.NotEqual(KeyOf(cell), KeyOf(cell with { Levels = ["delivery", "payment"] }));
        Assert.NotEqual(KeyOf(cell), KeyOf(cell with { Levels = null }));
        var missing = plan with { DataSets = [data with { Levels = ["payment", "returns"] }] };
        Assert.Contains("'delivery'", Assert.Throws<SkTuningException>(() => _small.Run(missing)).Message);
        var noLevels = plan with { DataSets = [data with { Levels = null }] };
        Assert.Contains("dataSets[0].metric", Assert.Throws<SkTuningException>(noLevels.Validate).Message);

        string KeyOf(Cell of) => TrialKey.Of(plan, new("llama", "t", "w", "k"), "cpu", of with { Method = Probe }, null);
    }

    [Fact]
    public void The_quadratic_kappa_of_levels_is_computed_from_their_confusion_matrix()
    {
        int[] truth = [0, 1, 2, 2, 1, 0], predicted = [0, 2, 2, 0, 1, 1];
        Assert.Equal(SkTuning.Metrics.OrdinalMetrics.QuadraticKappa(truth, predicted),
            ComparisonMetric.QuadraticKappa.Of(ClassificationReport.Of(["low", "medium", "high"], truth, predicted)), 1e-12);
    }

    [Fact]
    public void One_dev_row_is_enough_to_choose()
    {
        _small.Write("dev.tsv", [("The van never came", "delivery")]);
        Assert.True(Cell(_small.Make(Probe)).HasDev);
        Assert.False(Cell(Plan(Probe)).HasDev);
    }

    [Fact]
    public void All_training_rows_train_and_the_only_trial_is_tested_once()
    {
        var tuned = SmallComparison.Tuned with { Rates = null, Head = new SemanticHeadOptions(), MaxSteps = 2 };
        var plan = Plan(new() { Method = "majority" }, new() { Method = "tfidf" }, Probe, tuned);
        var progress = new SmallComparison.Progress();
        var result = _small.Run(plan, progress);
        Assert.All(result.Trials, t => Assert.Null(t.Error));
        Assert.True(result.IsComplete);
        Assert.Equal((8, 8, 8), (result.PlannedTrials, result.Trials.Count, result.Scores.Count));
        Assert.All(result.Trials, t => Assert.Equal((9, 0, null, null), (t.TrainRows, t.DevRows, t.DevScore, t.DevLoss)));
        Assert.All(result.Trials.SelectMany(t => t.Epochs), e => Assert.True(double.IsNaN(e.DevLoss) && double.IsNaN(e.DevAccuracy)));
        Assert.All(result.Scores, s => Assert.Null(s.DevScore));
        Assert.All(result.Trials.Where(t => t.Method == "sk-prefix"), t => Assert.Equal((2, new SkPrefixOptions().DefaultLearningRate), (t.Steps, t.Rate)));
        Assert.Equal(result.Trials.Select(t => t.Key), result.Scores.Select(s => s.Trial));
        Assert.Empty(Directory.GetDirectories(Path.Combine(_small.Results, "adapters")));

        var again = new SmallComparison.Progress();
        Assert.Equal(SmallComparison.Text(result), SmallComparison.Text(_small.Run(plan, again)));
        Assert.Equal(0, again.Ran);
        result.Save(Path.Combine(_small.Folder, "result.json"));
        Assert.Equal(SmallComparison.Text(result), SmallComparison.Text(ComparisonResult.Load(Path.Combine(_small.Folder, "result.json"))));

        var page = ComparisonMarkdown.Of(result);
        Assert.Contains("No dev rows: every method has one learning rate, and the last step is tested.", page);
        Assert.Contains("- Descriptions of the labels of mail: payment: payment | a bill or a card; delivery: ", page);
        Assert.Contains("- sk-prefix: sk-prefix, bottleneck = 2, head = semantic, maxSteps = 2.", page);
        Assert.Contains("No dev rows: every method has one learning rate", HtmlReport.OfComparison(result).Html);
        ComparisonTables.WriteCsv(result, _small.Results);
    }

    [Fact]
    public void Data_sets_with_and_without_dev_rows_can_be_in_one_plan()
    {
        var plan = Plan(new PlanMethod { Method = "majority" }, SmallComparison.Tuned with { Rates = null, MaxSteps = 1 }) with { Seeds = [1] };
        var data = plan.DataSets[0] with { Descriptions = null };
        var result = _small.Run(plan with { DataSets = [data, data with { Name = "dev", Dev = "dev.tsv" }] });
        Assert.True(result.IsComplete);
        Assert.Equal((1 + 1 + 1 + 3, 4), (result.Trials.Count, result.Scores.Count));
        Assert.Equal([null, null, 0.5, result.Scores[3].DevScore], result.Scores.Select(s => s.DevScore));
        Assert.NotNull(result.Scores[3].DevScore);
        Assert.Contains("No dev rows for mail: every method has one learning rate", ComparisonMarkdown.Of(result));
    }

    [Fact]
    public void A_failed_trial_is_not_tested()
    {
        var bad = SmallComparison.Tuned with { Rates = null, Settings = new Dictionary<string, string> { ["firstLayer"] = "99" } };
        var result = _small.Run(Plan(bad) with { Seeds = [1] });
        Assert.True(result.IsComplete);
        Assert.Contains("99", Assert.Single(result.Trials).Error);
        Assert.Empty(result.Scores);
    }

    [Fact]
    public void A_folder_with_a_sample_for_each_seed_needs_no_dev_file()
    {
        Directory.CreateDirectory(Path.Combine(_small.Folder, "k", "1"));
        File.Copy(Path.Combine(_small.Folder, "train.tsv"), Path.Combine(_small.Folder, "k", "1", "train.tsv"));
        File.Copy(Path.Combine(_small.Folder, "test.tsv"), Path.Combine(_small.Folder, "k", "test.tsv"));
        var plan = Plan(Probe) with { Seeds = [1] };
        var cell = Cell(plan with { DataSets = [new() { Name = "k", Prompt = "p", KShot = "k", Dev = "none" }] });
        Assert.Equal((9, false), (cell.Train.Rows.Count, cell.HasDev));
    }

    [Fact]
    public void The_texts_of_the_labels_can_be_left_out_swapped_or_replaced_with_as_many_random_words()
    {
        Assert.Equal(Texts["delivery"], Cell(Plan(Probe)).Descriptions!["delivery"]);
        Assert.Null(Cell(Plan(Probe with { LabelTexts = LabelTexts.Names })).Descriptions);
        var swapped = Cell(Plan(Probe with { LabelTexts = LabelTexts.Swapped })).Descriptions!;
        Assert.Equal((Texts["payment"], Texts["delivery"]), (swapped["delivery"], swapped["payment"]));

        var random = Plan(Probe with { LabelTexts = LabelTexts.RandomWords });
        var drawn = Cell(random).Descriptions!;
        foreach (var (label, texts) in Texts)
        {
            Assert.Equal(texts.Select(t => t.Split(' ').Length), drawn[label].Select(t => t.Split(' ').Length));
            Assert.Empty(texts.SelectMany(t => t.Split(' ')).Intersect(drawn[label].SelectMany(t => t.Split(' '))));
        }
        Assert.Equal(drawn["delivery"], Cell(random).Descriptions!["delivery"]);
        Assert.NotEqual(drawn["delivery"], Cell(random, 2).Descriptions!["delivery"]);
        var other = random with { DataSets = [random.DataSets[0] with { Name = "other" }] };
        Assert.NotEqual(drawn["delivery"], Cell(other).Descriptions!["delivery"]);

        var own = new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>>
        {
            ["mail"] = new Dictionary<string, IReadOnlyList<string>> { ["payment"] = ["money"] },
        };
        Assert.Equal(["payment"], Cell(Plan(Probe with { Descriptions = own })).Descriptions!.Keys);
        Assert.Null(Cell(Plan(new PlanMethod { Method = "majority" })).Descriptions);
    }

    [Fact]
    public void Texts_that_do_not_fit_the_labels_are_refused_before_anything_is_trained()
    {
        var plan = Plan(Probe with { LabelTexts = LabelTexts.Swapped });
        Refused("mail: descriptions has a text for 'refund', expected one of the labels: delivery, payment.", new() { ["refund"] = ["money back"] });
        Refused("expected a description of every label of mail, also of 'payment'", new() { ["delivery"] = ["a parcel"] });
        Refused("probe: labelTexts is Swapped, expected descriptions of the labels of mail", null);
        Assert.False(Directory.Exists(_small.Results));

        void Refused(string expected, Dictionary<string, IReadOnlyList<string>>? texts)
        {
            var changed = plan with { DataSets = [plan.DataSets[0] with { Descriptions = texts }] };
            Assert.Contains(expected, Assert.ThrowsAny<SkTuningException>(() => _small.Run(changed)).Message);
        }
    }

    [Fact]
    public void Everything_that_affects_training_is_part_of_the_key_of_a_trial_and_keys_of_earlier_plans_are_kept()
    {
        var plan = _small.Make(new PlanMethod { Method = "lora" });
        var (method, cell) = (plan.Methods[0], Cell(plan));
        var options = JsonSerializer.Serialize(MethodTraits.Options(method), PlanJson.Default.TuningOptions);
        var before = $$"""
            { "version": {{TrialKey.Version}}, "train": "{{cell.Train.Hash}}", "dev": "{{cell.Dev.Hash}}", "method": "lora", "seed": 1,
              "base": ["llama", "t", "w", "k"], "device": "cpu", "precision": "Float32", "options": {{options}},
              "prompt": "Delivery or payment?", "template": "{text}", "pooling": "Mean", "maxTokens": null, "epochs": 2, "batchSize": 4,
              "headFirst": true, "rate": 0.01 }
            """;
        Assert.Equal(RowHash.Of(JsonNode.Parse(before)!.ToJsonString()), Key(plan));
        var described = plan with { DataSets = [plan.DataSets[0] with { Descriptions = Texts }] };
        ComparisonPlan[] others =
        [
            plan with { Epochs = null }, plan with { BatchSize = null }, With(plan, method with { Epochs = 3 }), With(plan, method with { BatchSize = 3 }),
            With(plan, method with { MaxSteps = 3 }), With(plan, method with { Head = new SemanticHeadOptions() }),
            With(plan, method with { Head = new SemanticHeadOptions { PriorWeight = 0 } }), described,
            With(described, method with { LabelTexts = LabelTexts.Swapped }), With(described, method with { LabelTexts = LabelTexts.RandomWords }),
            plan with { DataSets = [plan.DataSets[0] with { Dev = "none" }] }, With(plan, method with { Prune = 0.5 }),
            With(plan, method with { Prune = 0.25 }), With(plan, method with { Prune = 0.5, PruneBy = PruningScore.Random }),
        ];
        Assert.Equal(others.Length + 1, others.Select(Key).Append(Key(plan)).Distinct().Count());
        Assert.Equal(Key(plan), Key(With(plan, method with { Name = "renamed", Epochs = 2, BatchSize = 4, LabelTexts = LabelTexts.Names })));

        static ComparisonPlan With(ComparisonPlan plan, PlanMethod method) => plan with { Methods = [method] };

        static string Key(ComparisonPlan plan) => TrialKey.Of(plan, new("llama", "t", "w", "k"), "cpu", Cell(plan), 0.01);
    }

    public void Dispose() => _small.Dispose();
}

using SkTuning.Compare;
using SkTuning.Models;
using SkTuning.Reports.Runs;
using SkTuning.Tasks;

namespace SkTuning.Tests.Compare;

/// <summary>The protocol: dev chooses, test once, and what is finished stays finished.</summary>
public sealed class RunnerTests : IDisposable
{
    private readonly SmallComparison _small = new();

    [Fact]
    public void A_cancelled_run_goes_on_and_ends_with_the_same_result()
    {
        var whole = _small.Run(_small.Make(), results: Path.Combine(_small.Folder, "whole"));
        Assert.True(whole.IsComplete);
        Assert.Equal((8, 6), (whole.Trials.Count, whole.Scores.Count));

        using var cancel = new CancellationTokenSource();
        var stopped = Assert.Throws<ComparisonCanceledException>(() => _small.Run(_small.Make(), new(p => { if (p.Done == 3) cancel.Cancel(); }), cancel.Token));
        Assert.False(stopped.SoFar.IsComplete);
        Assert.Equal((3, 8), (stopped.SoFar.Trials.Count, stopped.SoFar.PlannedTrials));

        var rest = new SmallComparison.Progress();
        var resumed = _small.Run(_small.Make(), rest);
        Assert.Equal((3, 5), (rest.All[^1].Cached, rest.Ran));
        Assert.Equal(SmallComparison.Text(whole), SmallComparison.Text(resumed));

        var files = Directory.GetFiles(_small.Results, "*.json", SearchOption.AllDirectories).ToDictionary(f => f, File.GetLastWriteTimeUtc);
        var again = new SmallComparison.Progress();
        Assert.Equal(SmallComparison.Text(whole), SmallComparison.Text(_small.Run(_small.Make(), again)));
        Assert.Equal(0, again.Ran);
        Assert.All(files, f => Assert.Equal(f.Value, File.GetLastWriteTimeUtc(f.Key)));
        Assert.Equal(files.Count, Directory.GetFiles(_small.Results, "*.json", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void What_a_killed_run_leaves_does_no_harm()
    {
        var plan = _small.Make(SmallComparison.Tuned) with { Seeds = [1] };
        var first = _small.Run(plan);
        var trial = Directory.GetFiles(Path.Combine(_small.Results, "trials"))[0];
        File.WriteAllText(trial, File.ReadAllText(trial)[..100]);
        File.WriteAllText(trial + ".4711.new", "{");
        Directory.CreateDirectory(Path.Combine(_small.Results, "adapters", ".left.4711.new"));

        var progress = new SmallComparison.Progress();
        Assert.Equal(SmallComparison.Text(first), SmallComparison.Text(_small.Run(plan, progress)));
        Assert.Equal(1, progress.Ran);
    }

    [Fact]
    public void A_base_with_weights_at_random_is_another_base_and_joined_methods_and_ablations_are_methods()
    {
        var plan = _small.Make(
            new PlanMethod { Method = "sk-prefix", Name = "random words", Settings = new Dictionary<string, string> { ["bottleneck"] = "2", ["promptWords"] = "random" }, Rates = [1e-2] },
            new PlanMethod { Method = "sk-prefix+ia3", Settings = new Dictionary<string, string> { ["sk-prefix.bottleneck"] = "2" }, Rates = [1e-2] },
            new PlanMethod { Method = "layer-mix" }) with { Seeds = [1] };
        var real = _small.Run(plan);
        var progress = new SmallComparison.Progress();
        var random = _small.Run(plan with { RandomBase = 7 }, progress);
        Assert.Equal(3, progress.Ran);
        Assert.All(real.Trials.Concat(random.Trials), t => Assert.Null(t.Error));
        Assert.EndsWith("(weights at random, seed 7)", random.Setup.Model);
        Assert.NotEqual(real.Trials.Select(t => t.DevLoss), random.Trials.Select(t => t.DevLoss));
    }

    [Fact]
    public void A_method_that_is_added_runs_alone()
    {
        _small.Run(_small.Make(new PlanMethod { Method = "majority" }, SmallComparison.Tuned));
        var progress = new SmallComparison.Progress();
        var more = _small.Run(_small.Make(new PlanMethod { Method = "majority" }, SmallComparison.Tuned with { Name = "sk" }, new PlanMethod { Method = "tfidf" }), progress);
        Assert.Equal(2, progress.Ran);
        Assert.Equal(["majority", "sk", "tfidf"], more.Trials.Select(t => t.Method).Distinct());
    }

    [Fact]
    public void The_metric_and_the_test_rows_decide_nothing_that_was_trained()
    {
        var plan = _small.Make();
        var before = _small.Run(plan);
        var tests = Directory.GetFiles(Path.Combine(_small.Results, "tests")).Length;
        Assert.Equal(before.Scores.Count, tests);

        _small.Write("test.tsv", SmallComparison.Test.Select(r => (r.Item1 + ", please", r.Item2 == "payment" ? "delivery" : "payment")));
        var progress = new SmallComparison.Progress();
        var after = _small.Run(plan with { DataSets = [plan.DataSets[0] with { Metric = ComparisonMetric.MacroF1 }] }, progress);
        Assert.Equal(0, progress.Ran);
        Assert.Equal(before.Trials.Select(t => t.Key), after.Trials.Select(t => t.Key));
        Assert.Equal(2 * tests, Directory.GetFiles(Path.Combine(_small.Results, "tests")).Length);
        Assert.All(after.Scores, s => Assert.Equal(s.MacroF1, s.Score));
    }

    [Fact]
    public void Dev_chooses_and_only_the_choice_is_tested()
    {
        var result = _small.Run(_small.Make(SmallComparison.Tuned));
        foreach (var score in result.Scores)
        {
            var trials = result.Trials.Where(t => t.Seed == score.Seed).ToList();
            Assert.Equal(2, trials.Count);
            Assert.Equal(trials.OrderByDescending(t => t.DevScore).ThenBy(t => t.DevLoss).First().Key, score.Trial);
        }
        Assert.Equal(result.Scores.Select(s => s.Trial).Order(), Directory.GetFiles(Path.Combine(_small.Results, "tests")).Select(f => Path.GetFileName(f).Split('-')[0]).Order());
        Assert.Empty(Directory.GetDirectories(Path.Combine(_small.Results, "adapters")));
    }

    [Fact]
    public void The_test_opens_once_and_only_for_a_choice_among_all_rates()
    {
        var plan = _small.Make(SmallComparison.Tuned);
        var data = LoadedData.Read(plan, plan.DataSets[0]);
        var cell = data.Cell(plan.Methods[0], 1);
        ComparisonTrial[] trials = [.. cell.Rates.Select(r => new ComparisonTrial { DataSet = "mail", Method = "sk-prefix", Seed = 1, Rate = r, Key = $"{r}", DevScore = 0.5, DevLoss = r == 1e-3 ? 0.7 : 0.6 })];
        Assert.Throws<InvalidOperationException>(() => Choice.Among(cell, trials[..1]));

        var choice = Choice.Among(cell, trials)!;
        Assert.Equal(1e-2, choice.Trial.Rate);
        var majority = new MajorityLearner();
        data.Test.Predict(choice, majority.Reopen(cell, "", CancellationToken.None), CancellationToken.None);
        Assert.Throws<InvalidOperationException>(() => data.Test.Predict(choice, majority.Reopen(cell, "", CancellationToken.None), CancellationToken.None));
        Assert.Null(Choice.Among(cell, [.. trials.Select(t => t with { DevScore = null, Error = "diverged" })]));
    }

    [Fact]
    public void A_trial_that_fails_is_told_and_the_others_go_on()
    {
        var bad = new PlanMethod { Name = "too-deep", Method = "sk-prefix", Settings = new Dictionary<string, string> { ["firstLayer"] = "99" }, Rates = [1e-3, 1e-2] };
        var progress = new SmallComparison.Progress();
        var result = _small.Run(_small.Make(bad, SmallComparison.Tuned), progress);
        Assert.True(result.IsComplete);
        Assert.Equal(4, progress.All[^1].Failed);
        Assert.All(result.Trials.Where(t => t.Method == "too-deep"), t => Assert.Contains("99", t.Error));
        Assert.All(result.Trials.Where(t => t.Method == "sk-prefix"), t => Assert.Null(t.Error));
        Assert.Equal((4, 0, null), (result.Summaries[0].FailedTrials, result.Summaries[0].Seeds, result.Summaries[0].Mean));
        Assert.DoesNotContain(result.Comparisons, c => c.Method == "too-deep" || c.Reference != "too-deep" && c.Reference != "sk-prefix");
        Assert.Contains("99", ComparisonMarkdown.Of(result));

        var again = new SmallComparison.Progress();
        _small.Run(_small.Make(bad, SmallComparison.Tuned), again);
        Assert.Equal(0, again.Ran);
    }

    [Fact]
    public void A_leak_that_was_planted_is_reported()
    {
        var result = _small.Run(_small.Make(new PlanMethod { Method = "majority" }));
        var leak = Assert.Single(result.DataSets[0].Leaks);
        Assert.Equal((null, "test", "train", 1, 1), (leak.Seed, leak.Split, leak.FoundIn, leak.Rows, leak.OtherLabel));
        Assert.Equal((5, 9), (leak.Examples[0].Row, leak.Examples[0].SameAs));
        Assert.Contains("mail: 1 row of test also in train, 1 with another label; test row 5 is train row 9: \"my parcel has not ARRIVED \"", ComparisonMarkdown.Of(result));
    }

    [Fact]
    public void A_folder_with_a_sample_for_each_seed_is_read_by_its_seeds()
    {
        foreach (var (seed, word) in new[] { (1, "alpha"), (2, "beta") })
        {
            Directory.CreateDirectory(Path.Combine(_small.Folder, "k", $"{seed}"));
            foreach (var split in (string[])["train", "dev"]) _small.Write($"k/{seed}/{split}.tsv", [($"{word} {split} one", "a"), ($"{word} {split} two", "b")]);
        }
        _small.Write("k/test.tsv", [("beta train one", "a"), ("new", "b")]);
        var plan = _small.Make(new PlanMethod { Method = "tfidf" });
        var result = _small.Run(plan with { DataSets = [new() { Name = "k", Prompt = "p", KShot = "k" }] });
        Assert.Equal(2, result.Trials.Select(t => t.Key).Distinct().Count());
        Assert.Equal(2ul, Assert.Single(result.DataSets[0].Leaks).Seed);
    }

    [Fact]
    public void Shots_and_limits_draw_anew_for_each_seed()
    {
        var support = Path.Combine(Fixtures.Repository, "assets", "data", "support");
        var plan = _small.Make(new PlanMethod { Method = "majority" });
        var set = new PlanDataSet { Name = "s", Prompt = "p", Train = Path.Combine(support, "train.tsv"), Test = Path.Combine(support, "test.tsv"), Shots = 3, TestLimit = 40 };
        var shots = LoadedData.Read(plan, set);
        Assert.Equal((24, 40), (shots.Cell(plan.Methods[0], 1).Train.Rows.Count, shots.Test.Truth.Count));
        Assert.NotEqual(shots.Cell(plan.Methods[0], 1).Train.Hash, shots.Cell(plan.Methods[0], 2).Train.Hash);
        Assert.Equal(32, shots.Cell(plan.Methods[0], 1).Dev.Rows.Count);
        var limited = LoadedData.Read(plan, set with { Shots = null, Limit = 50 });
        Assert.Equal(50, limited.Cell(plan.Methods[0], 2).Train.Rows.Count);
    }

    [Fact]
    public void Two_runs_in_one_folder_do_not_mix()
    {
        using var store = new TrialStore(_small.Results);
        Assert.Contains("Another comparison", Assert.ThrowsAny<SkTuningException>(() => _small.Run(_small.Make())).Message);
    }

    public void Dispose() => _small.Dispose();
}

using SkTuning.Compare;

namespace SkTuning.Tests.Compare;

/// <summary>The protocol: selection on the dev rows, a single test, and finished trials are kept.</summary>
public sealed class RunnerTests : IDisposable
{
    private readonly SmallComparison _small = new();

    [Fact]
    public void A_canceled_run_resumes_and_ends_with_the_same_result()
    {
        var whole = _small.Run(_small.Make(), results: Path.Combine(_small.Folder, "whole"));
        Assert.True(whole.IsComplete);
        Assert.Equal((8, 6), (whole.Trials.Count, whole.Scores.Count));

        using var cancel = new CancellationTokenSource();
        var cancelAtThree = new SmallComparison.Progress(p => { if (p.Done == 3) cancel.Cancel(); });
        var stopped = Assert.Throws<ComparisonCanceledException>(() => _small.Run(_small.Make(), cancelAtThree, cancellationToken: cancel.Token));
        Assert.False(stopped.Result.IsComplete);
        Assert.Equal((3, 8), (stopped.Result.Trials.Count, stopped.Result.PlannedTrials));

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
    public void Leftovers_of_a_killed_run_do_no_harm()
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
    public void A_base_with_random_weights_is_a_different_base_and_joined_methods_and_ablations_are_methods()
    {
        var plan = _small.Make(
            new PlanMethod
            {
                Method = "sk-prefix",
                Name = "random words",
                Settings = new Dictionary<string, string> { ["bottleneck"] = "2", ["promptWords"] = "random" },
                Rates = [1e-2],
            },
            new PlanMethod { Method = "sk-prefix+ia3", Settings = new Dictionary<string, string> { ["sk-prefix.bottleneck"] = "2" }, Rates = [1e-2] },
            new PlanMethod { Method = "layer-mix" }) with
        { Seeds = [1] };
        var real = _small.Run(plan);
        var progress = new SmallComparison.Progress();
        var random = _small.Run(plan with { RandomBase = 7 }, progress);
        Assert.Equal(3, progress.Ran);
        Assert.All(real.Trials.Concat(random.Trials), t => Assert.Null(t.Error));
        Assert.EndsWith("(weights at random, seed 7)", random.Setup.Model);
        Assert.NotEqual(real.Trials.Select(t => t.DevLoss), random.Trials.Select(t => t.DevLoss));
    }

    [Fact]
    public void Adding_a_method_runs_only_its_trials()
    {
        _small.Run(_small.Make(new PlanMethod { Method = "majority" }, SmallComparison.Tuned));
        var progress = new SmallComparison.Progress();
        PlanMethod[] methods = [new() { Method = "majority" }, SmallComparison.Tuned with { Name = "sk" }, new() { Method = "tfidf" }];
        var more = _small.Run(_small.Make(methods), progress);
        Assert.Equal(2, progress.Ran);
        Assert.Equal(["majority", "sk", "tfidf"], more.Trials.Select(t => t.Method).Distinct());
    }

    [Fact]
    public void The_metric_and_the_test_rows_do_not_affect_training()
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
    public void The_dev_rows_select_and_only_the_selected_trial_is_tested()
    {
        var result = _small.Run(_small.Make(SmallComparison.Tuned));
        foreach (var score in result.Scores)
        {
            var trials = result.Trials.Where(t => t.Seed == score.Seed).ToList();
            Assert.Equal(2, trials.Count);
            Assert.Equal(trials.OrderByDescending(t => t.DevScore).ThenBy(t => t.DevLoss).First().Key, score.Trial);
        }
        Assert.Equal(result.Scores.Select(s => s.Trial).Order(),
            Directory.GetFiles(Path.Combine(_small.Results, "tests")).Select(f => Path.GetFileName(f).Split('-')[0]).Order());
        Assert.Empty(Directory.GetDirectories(Path.Combine(_small.Results, "adapters")));
    }

    [Fact]
    public void The_test_rows_can_be_used_once_and_only_by_a_choice_among_all_rates()
    {
        var plan = _small.Make(SmallComparison.Tuned);
        var data = LoadedData.Read(plan, plan.DataSets[0]);
        var cell = data.Cell(plan.Methods[0], 1);
        ComparisonTrial[] trials =
        [
            .. cell.Rates.Select(r => new ComparisonTrial
            {
                DataSet = "mail", Method = "sk-prefix", Seed = 1, Rate = r, Key = $"{r}", DevScore = 0.5, DevLoss = r == 1e-3 ? 0.7 : 0.6,
            }),
        ];
        Assert.Throws<InvalidOperationException>(() => Choice.Among(cell, trials[..1]));

        var choice = Choice.Among(cell, trials)!;
        Assert.Equal(1e-2, choice.Trial.Rate);
        var majority = new MajorityLearner();
        data.Test.Predict(choice, majority.Reopen(cell, "", CancellationToken.None), CancellationToken.None);
        Assert.Throws<InvalidOperationException>(() => data.Test.Predict(choice, majority.Reopen(cell, "", CancellationToken.None), CancellationToken.None));
        Assert.Null(Choice.Among(cell, [.. trials.Select(t => t with { DevScore = null, Error = "diverged" })]));
    }

    [Fact]
    public void A_failed_trial_is_reported_and_the_others_continue()
    {
        var bad = SmallComparison.Tuned with { Name = "too-deep", Settings = new Dictionary<string, string> { ["firstLayer"] = "99" } };
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
    public void A_planted_leak_is_reported()
    {
        var result = _small.Run(_small.Make(new PlanMethod { Method = "majority" }));
        var leak = Assert.Single(result.DataSets[0].Leaks);
        Assert.Equal((null, "test", "train", 1, 1), (leak.Seed, leak.Split, leak.FoundIn, leak.Rows, leak.OtherLabel));
        Assert.Equal((5, 9), (leak.Examples[0].Row, leak.Examples[0].SameAs));
        Assert.Contains("mail: 1 row of test also in train, 1 with a different label; for example, test row 5 is train row 9: \"my parcel has not ARRIVED \"",
            ComparisonMarkdown.Of(result));
    }

    [Fact]
    public void A_folder_with_a_sample_for_each_seed_is_read_by_its_seeds()
    {
        foreach (var (seed, word) in new[] { (1, "alpha"), (2, "beta") })
        {
            Directory.CreateDirectory(Path.Combine(_small.Folder, "k", $"{seed}"));
            foreach (var split in (string[])["train", "dev"])
                _small.Write($"k/{seed}/{split}.tsv", [($"{word} {split} one", "a"), ($"{word} {split} two", "b")]);
        }
        _small.Write("k/test.tsv", [("beta train one", "a"), ("new", "b")]);
        var plan = _small.Make(new PlanMethod { Method = "tfidf" });
        var result = _small.Run(plan with { DataSets = [new() { Name = "k", Prompt = "p", KShot = "k" }] });
        Assert.Equal(2, result.Trials.Select(t => t.Key).Distinct().Count());
        Assert.Equal(2ul, Assert.Single(result.DataSets[0].Leaks).Seed);
    }

    [Fact]
    public void Shots_and_limits_draw_separately_for_each_seed()
    {
        var support = Path.Combine(Fixtures.Repository, "assets", "data", "support");
        var plan = _small.Make(new PlanMethod { Method = "majority" });
        var (train, test) = (Path.Combine(support, "train.tsv"), Path.Combine(support, "test.tsv"));
        var set = new PlanDataSet { Name = "s", Prompt = "p", Train = train, Test = test, Shots = 3, TestLimit = 40 };
        var shots = LoadedData.Read(plan, set);
        Assert.Equal((24, 40), (shots.Cell(plan.Methods[0], 1).Train.Rows.Count, shots.Test.Truth.Count));
        Assert.NotEqual(shots.Cell(plan.Methods[0], 1).Train.Hash, shots.Cell(plan.Methods[0], 2).Train.Hash);
        Assert.Equal(32, shots.Cell(plan.Methods[0], 1).Dev.Rows.Count);
        var limited = LoadedData.Read(plan, set with { Shots = null, Limit = 50 });
        Assert.Equal(50, limited.Cell(plan.Methods[0], 2).Train.Rows.Count);
    }

    [Fact]
    public void A_results_folder_that_is_removed_is_reported_once_and_the_result_is_complete()
    {
        var plan = _small.Make(new PlanMethod { Method = "majority" }, SmallComparison.Tuned);
        var expected = _small.Run(plan, results: Path.Combine(_small.Folder, "other"));
        var progress = new SmallComparison.Progress(p =>
        {
            if (p.Done == 1 && Directory.Exists(_small.Results)) Directory.Delete(_small.Results, recursive: true);
        });
        var result = _small.Run(plan, progress);
        Assert.Contains(".lock", Assert.Single(progress.All, p => p.FolderError is not null).FolderError);
        Assert.True(result.IsComplete);
        Assert.Equal(expected.Scores.Select(s => (s.Trial, s.Score)), result.Scores.Select(s => (s.Trial, s.Score)));
        Assert.False(Directory.Exists(_small.Results));
    }

    [Fact]
    public void Two_runs_in_one_folder_do_not_mix()
    {
        using var store = new TrialStore(_small.Results);
        Assert.Contains(".lock", Assert.ThrowsAny<SkTuningException>(() => _small.Run(_small.Make())).Message);
    }

    [Fact]
    public void A_folder_with_other_files_is_no_results_folder()
    {
        Directory.CreateDirectory(Path.Combine(_small.Results, "tests"));
        File.WriteAllText(Path.Combine(_small.Results, "summary.md"), "mine");
        Assert.Contains("other files", Assert.ThrowsAny<SkTuningException>(() => _small.Run(_small.Make())).Message);
        Assert.Equal(["summary.md", "tests"], Directory.GetFileSystemEntries(_small.Results).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Whatever_is_changed_in_a_stored_trial_or_test_the_result_is_the_same_or_the_trial_is_run_again()
    {
        var plan = _small.Make(new PlanMethod { Method = "majority" }, new PlanMethod { Method = "tfidf" }) with { Seeds = [1] };
        _small.Run(plan);
        string[] files = [.. Directory.GetFiles(_small.Results, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        foreach (var file in files)
        {
            var before = File.ReadAllText(file);
            foreach (var (from, to) in ((string, string)[])[("\"predicted\":[0", "\"predicted\":[9"), ("\"predicted\":[1", "\"predicted\":[-1"),
                ("\"predicted\":[", "\"predicted\":[0,"), ("\"labels\":[\"", "\"labels\":[\"other "), ("\"labels\":[", "\"labels\":[null,"),
                ("\"seconds\":", "\"seconds\":1e999"), ("\"confidence\":[", "\"confidence\":[7,"), ("\"epochs\":[", "\"epochs\":[null"), ("{", "null{")])
            {
                File.WriteAllText(file, before.Replace(from, to, StringComparison.Ordinal));
                Assert.True(_small.Run(plan).IsComplete);
            }
            for (var seed = 0; seed < 20; seed++)
            {
                var (bytes, random) = (System.Text.Encoding.UTF8.GetBytes(before), new Random(seed));
                for (var i = 0; i < 2; i++) bytes[random.Next(bytes.Length)] = "0123456789-\"{}[],:"u8[random.Next(18)];
                File.WriteAllBytes(file, bytes);
                Assert.True(_small.Run(plan).IsComplete, $"{file}, seed {seed}");
            }
            File.WriteAllText(file, before);
        }
    }

    public void Dispose() => _small.Dispose();
}

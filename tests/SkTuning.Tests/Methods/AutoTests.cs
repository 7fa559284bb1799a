using SkTuning.Adapters;
using SkTuning.Methods.Auto;
using SkTuning.Tests.Training;

namespace SkTuning.Tests.Methods;

/// <summary>The choice of a method for the caller.</summary>
public sealed class AutoTests(SmallTask task) : IClassFixture<SmallTask>
{
    private static readonly TrainingOptions Short = new() { Epochs = 1, BatchSize = 8, Folds = 0 };

    private TextClassifierOptions Options => new() { Training = Short };

    private AutoChoice First(int rows, int labels, bool isCausal, string kind = "single-label", bool hasPrompt = false)
        => AutoRule.Of(new(rows, labels, TaskKinds.Get(kind), task.Model.Config with { Causal = isCausal }, hasPrompt))[0];

    [Fact]
    public void The_rule_depends_on_the_rows_the_task_and_the_base_and_says_why()
    {
        Assert.IsType<LoraOptions>(First(96, 6, isCausal: false).Method);
        Assert.StartsWith("lora: 16 rows per label on an encoder; ", First(96, 6, isCausal: false).Reason);
        Assert.IsType<LoraOptions>(First(96, 6, isCausal: true).Method);
        Assert.Equal("sk-prefix+lora", First(96, 6, isCausal: true, hasPrompt: true).Method.Name);
        Assert.IsType<LoraOptions>(First(96, 6, isCausal: false, hasPrompt: true).Method);
        Assert.Equal(
            "lora: 1 row per label on a causal model; it was the best on average of the methods that read no prompt in the measurements of the library",
            First(6, 6, isCausal: true).Reason);
        Assert.EndsWith("; it was the best on average in the measurements of the library", First(6, 6, isCausal: true, hasPrompt: true).Reason);
        Assert.IsType<LoraOptions>(First(5000, 6, isCausal: false).Method);
        Assert.StartsWith("lora: 50 rows on an encoder; ", First(50, 9, isCausal: false, "tokens").Reason);
        Assert.StartsWith("lora: 50 rows on an encoder; ", First(50, 1, isCausal: false, "regression").Reason);
    }

    [Fact]
    public void Every_choice_has_a_reason_that_begins_with_its_name_and_the_last_one_is_taken_by_every_base()
    {
        foreach (var isCausal in (bool[])[false, true])
        {
            var choices = AutoRule.Of(new(96, 6, TaskKinds.Get("single-label"), task.Model.Config with { Causal = isCausal }, HasPrompt: false));
            Assert.All(choices, c => Assert.StartsWith(c.Method.Name + ": ", c.Reason));
            Assert.All(choices, c => Assert.IsNotType<AutoOptions>(c.Method));
            Assert.IsType<ProbeOptions>(choices[^1].Method);
        }
    }

    [Fact]
    public void It_is_the_default_and_the_adapter_is_saved_under_the_name_of_the_method_that_was_chosen()
    {
        using var folder = new TemporaryFolder();
        Assert.IsType<AutoOptions>(new TextClassifierOptions().Method);
        using var classifier = TextClassifier.Train(task.Model, task.Rows, Options);
        Assert.Equal("lora", classifier.Method);
        Assert.StartsWith("lora: 3 rows per label on a causal model", classifier.Report!.MethodReason);
        classifier.Save(folder["a"]);
        Assert.DoesNotContain("auto", File.ReadAllText(Path.Combine(folder["a"], AdapterFolder.DefinitionFile)));
        Assert.DoesNotContain("does not read the prompt", classifier.Report.MethodReason);
        using var prompted = TextClassifier.Train(task.Model, task.Rows, Options with { Prompt = "Classify the topic:" });
        Assert.Equal("sk-prefix+lora", prompted.Method);
        var numbers = task.Rows.Select((r, i) => new Row(r.Text, i % 2 == 0 ? "1" : "2"));
        var words = numbers.Select(r => new TokenRow(r.Text.Split(' '), [.. r.Text.Split(' ').Select(_ => r.Label)]));
        using var tagged = TokenClassifier.Train(task.Model, words, new() { Prompt = "Tag the words:", Training = Short });
        Assert.EndsWith("; it does not read the prompt", tagged.Report!.MethodReason);
        using var given = TextClassifier.Train(task.Model, task.Rows, Options with { Method = new LoraOptions() });
        Assert.Null(given.Report!.MethodReason);
        Assert.Equal(SmallTask.Values(given), SmallTask.Values(classifier));
    }

    [Fact]
    public void Every_task_has_a_choice()
    {
        TokenRow[] words = [.. Enumerable.Range(0, 12).Select(i => new TokenRow(["Anna", $"sleeps {i}"], ["B-PER", "O"]))];
        using var tokens = TokenClassifier.Train(task.Model, words, new() { Training = Short });
        Assert.Equal("lora", tokens.Method);
        Row[] numbers = [.. task.Rows.Select((r, i) => new Row(r.Text, FormattableString.Invariant($"{i % 5}")))];
        using var number = TextRegressor.Train(task.Model, numbers, new() { Training = Short });
        Assert.StartsWith("lora: 24 rows on", number.Report!.MethodReason);
        using var several = MultiLabelClassifier.Train(task.Model, task.Rows, new() { Training = Short });
        Assert.Equal("lora", several.Method);
    }

    [Fact]
    public void A_training_that_continues_from_an_adapter_keeps_its_method()
    {
        using var folder = new TemporaryFolder();
        using (var first = TextClassifier.Train(task.Model, task.Rows, Options with { Method = new BitFitOptions() })) first.Save(folder["a"]);
        using var second = TextClassifier.Train(task.Model, task.Rows, Options with { StartFrom = folder["a"], Dev = task.Dev });
        Assert.Equal("bitfit", second.Method);
        Assert.Null(second.Report!.MethodReason);
    }

    [Fact]
    public void A_run_that_is_resumed_keeps_its_method()
    {
        using var folder = new TemporaryFolder();
        var recorded = Options with { Training = Short with { RunFolder = folder["run"] } };
        // Another version of the rule would have chosen this.
        using (var first = TextClassifier.Train(task.Model, task.Rows, recorded with { Method = new Ia3Options() })) Assert.Null(first.Report!.MethodReason);
        using var resumed = TextClassifier.Train(task.Model, task.Rows, recorded with { Training = recorded.Training with { Resume = true } });
        Assert.Equal("ia3", resumed.Method);
        Assert.StartsWith("ia3: the method of the run", resumed.Report!.MethodReason);
    }

    [Fact]
    public void A_file_that_names_it_is_refused()
    {
        using var classifier = TextClassifier.Train(task.Model, task.Rows, Options with { Method = new ProbeOptions() });
        var refused = Assert.ThrowsAny<SkTuningException>(
            () => AdapterModel.Create(task.Model, classifier.Definition with { Tuning = new AutoOptions() }, "adapter.json"));
        Assert.Contains("stands for another method", refused.Message);
    }
}

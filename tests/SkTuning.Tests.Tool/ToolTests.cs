using System.Text.Json;
using SkTuning.Tests.Classifiers;

namespace SkTuning.Tests.Tool;

/// <summary>The command as a user sees it: output, one-line errors, exit codes.</summary>
public sealed class ToolTests(TrainedOnTiny tiny) : IClassFixture<TrainedOnTiny>
{
    private static string Rows(string split) => Path.Combine(Fixtures.Repository, "assets", "data", "support", split + ".tsv");

    [Fact]
    public void Train_evaluate_and_predict_work_together()
    {
        using var folder = new TemporaryFolder();
        var trained = ToolRun.Of("train", "--train", Rows("train"), "--limit", "96", "--dev", Rows("dev"), "--prompt", "Classify the topic:",
            "--out", folder["a"], "--epochs", "2", "--json");
        Assert.True(trained.ExitCode == 0, trained.Error);
        using var report = JsonDocument.Parse(trained.Output);
        Assert.Equal(8, report.RootElement.GetProperty("labels").GetArrayLength());

        var evaluated = ToolRun.Of("evaluate", "--adapter", folder["a"], "--data", Rows("dev"), "--json");
        Assert.True(evaluated.ExitCode == 0, evaluated.Error);
        using var scores = JsonDocument.Parse(evaluated.Output);
        var accuracy = scores.RootElement.GetProperty("accuracy").GetDouble();
        Assert.Equal(report.RootElement.GetProperty("devScore").GetDouble(), accuracy, 1e-9);
        var interval = scores.RootElement.GetProperty("accuracyInterval");
        Assert.InRange(accuracy, interval.GetProperty("low").GetDouble() + 1e-9, interval.GetProperty("high").GetDouble() - 1e-9);
        Assert.Equal(("wilson", 0.95), (interval.GetProperty("method").GetString(), interval.GetProperty("confidence").GetDouble()));
        Assert.NotEqual(JsonValueKind.Undefined, report.RootElement.GetProperty("adapterHelped").ValueKind);
        Assert.StartsWith("Model: the bundled demo model (6.5 M parameters).", trained.Error);

        var one = ToolRun.Of("predict", "--adapter", folder["a"], "where is my parcel?");
        Assert.Equal(0, one.ExitCode);
        Assert.Equal(2, one.Output.Trim().Split('\t').Length);

        var lines = ToolRun.Of("where is my parcel?\n\nI want my money back\n", ["predict", "--adapter", folder["a"], "--json"]);
        Assert.Equal(3, lines.Output.Trim().Split('\n').Length);
        Assert.Equal(one.Output.Split('\t')[0], JsonDocument.Parse(lines.Output.Split('\n')[0]).RootElement.GetProperty("label").GetString());

        var file = ToolRun.Of("predict", "--adapter", folder["a"], "--file", Rows("dev"));
        Assert.Equal(80, file.Output.Trim().Split('\n').Length);
    }

    [Theory]
    [InlineData("train")]
    [InlineData("nonsense")]
    [InlineData("predict", "--adapter")]
    [InlineData("train", "--train", "x.tsv", "--prompt", "p", "--out", "o", "--method", "magic")]
    [InlineData("train", "--train", "x.tsv", "--prompt", "p", "--out", "o", "--max-windows", "3")]
    [InlineData("quickstart", "--seeds", "0")]
    public void Incorrect_usage_exits_with_2_and_a_message(params string[] arguments)
    {
        var run = ToolRun.Of(arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("error: ", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public void Unusable_input_causes_one_clear_line_and_exit_code_1()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["bad.tsv"], "text\tlabel\nfine\ta\nno label here\n");
        File.WriteAllText(folder["dev.tsv"], "text\tlabel\nfine\tnever-seen\n");
        File.WriteAllText(folder["good.tsv"], "text\tlabel\nx\ta\ny\tb\nz\ta\nw\tb\n");
        Directory.CreateDirectory(folder["model"]);
        foreach (var file in Directory.GetFiles(Fixtures.Tiny)) File.Copy(file, Path.Combine(folder["model"], Path.GetFileName(file)));
        var weights = Path.Combine(folder["model"], "model.safetensors");
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..1_000_000]);

        Failed("nowhere", "train", "--model", folder["nowhere"], "--train", Rows("train"), "--prompt", "p", "--out", folder["o"]);
        Failed("nowhere.tsv", "train", "--train", folder["nowhere.tsv"], "--prompt", "p", "--out", folder["o"]);
        Failed("model.safetensors", "train", "--model", folder["model"], "--train", Rows("train"), "--prompt", "p", "--out", folder["o"]);
        Failed("line 3", "train", "--train", folder["bad.tsv"], "--prompt", "p", "--out", folder["o"]);
        Failed("never-seen", "train", "--train", folder["good.tsv"], "--dev", folder["dev.tsv"], "--prompt", "p", "--out", folder["o"]);
        Failed("nowhere", "predict", "--adapter", folder["nowhere"], "text");
        Failed("warp", "train", "--train", Rows("train"), "--prompt", "p", "--out", folder["o"], "--device", "warp");
        Assert.False(Directory.Exists(folder["o"]));

        static void Failed(string named, params string[] arguments)
        {
            var run = ToolRun.Of(arguments);
            Assert.True(run.ExitCode == 1, $"{named}: exit code {run.ExitCode}, {run.Error}");
            Assert.StartsWith("error: ", Assert.Single(run.Messages));
            Assert.Contains(named, run.Error);
        }
    }

    [Fact]
    public void An_empty_text_and_a_very_long_one_get_a_prediction_and_one_warning()
    {
        using var folder = new TemporaryFolder();
        tiny.Classifier.Save(folder["a"]);
        File.WriteAllText(folder["texts.txt"], "\n" + string.Join(' ', Enumerable.Repeat("word", 100_000)) + "\n");
        var run = ToolRun.Of("predict", "--adapter", folder["a"], "--file", folder["texts.txt"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(2, run.Output.Trim().Split('\n').Length);
        Assert.StartsWith("warning: 1 text was longer", run.Messages[0]);
        Assert.Matches(@"^Predicted 2 texts in \d+\.\d s \(\d+\.\d ms per text\)\.$", Assert.Single(run.Messages.Skip(1)));
    }

    [Theory, InlineData(2, 130), InlineData(15, 143)]
    public void A_signal_saves_the_best_adapter_so_far(int signal, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends a POSIX signal");
        using var folder = new TemporaryFolder();
        using var process = ToolRun.Start("train", "--train", Rows("train"), "--dev", Rows("dev"), "--prompt", "Classify the topic:",
            "--out", folder["a"], "--epochs", "1000", "--patience", "0", "--lr", "1e-6");
        while (process.StandardError.ReadLine() is { } line && !line.Contains("epoch 1/")) { }
        if (Signals.Ignores(process.Id, signal))
        {
            process.Kill();
            Assert.Skip($"the tests were started with signal {signal} ignored, as shells start background jobs");
        }
        Assert.Equal(0, Signals.Send(process.Id, signal));
        var run = ToolRun.End(process);
        Assert.True(run.ExitCode == exitCode, $"exit code {run.ExitCode}: {run.Error}");
        Assert.Equal(0, ToolRun.Of("predict", "--adapter", folder["a"], "where is my parcel?").ExitCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("train")]
    [InlineData("evaluate")]
    [InlineData("predict")]
    [InlineData("quickstart")]
    [InlineData("compare")]
    [InlineData("report")]
    [InlineData("info")]
    [InlineData("doctor")]
    public void Help_has_examples(string command)
    {
        var run = command.Length == 0 ? ToolRun.Of("--help") : ToolRun.Of(command, "--help");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(command.Length == 0 ? "quickstart" : $"sktuning {command}", run.Output);
    }
}

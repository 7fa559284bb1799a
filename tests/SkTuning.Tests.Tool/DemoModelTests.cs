namespace SkTuning.Tests.Tool;

/// <summary>The bundled model is named where no other one is specified.</summary>
public sealed class DemoModelTests
{
    private const string Notice = "Model: the bundled demo model (6.5 M parameters). For real work, specify a model with --model.";

    [Fact]
    public void A_missing_model_is_named_where_it_may_be_the_cause_of_an_error()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["rows.tsv"], "text\tlabel\nmy card\tcard\nmy bill\tbill\nthe card\tcard\nthe bill\tbill\n");
        string[] train = ["train", "--train", folder["rows.tsv"], "--method", "probe", "--out", folder["a"], "--folds", "0"];
        Directory.CreateDirectory(folder["model"]);
        foreach (var file in Directory.GetFiles(Fixtures.MicroModel)) File.Copy(file, Path.Combine(folder["model"], Path.GetFileName(file)));
        var trained = ToolRun.Of([.. train, "--model", folder["model"]]);
        Assert.True(trained.ExitCode == 0, trained.Error);
        Assert.DoesNotContain("demo model", trained.Error);
        // The adapter remembers a model that is not on another branch of the disk.
        Assert.Contains($"Try: sktuning predict --adapter {folder["a"]} \"a text to classify\"", trained.Output);
        Assert.Matches(@"\nTotal time: \d+\.\d s\.\r?\n", trained.Output);

        var tooLong = ToolRun.Of([.. train, "--max-tokens", "5000"]);
        Assert.Equal(1, tooLong.ExitCode);
        Assert.StartsWith(Notice, tooLong.Error);
        var error = Assert.Single(tooLong.Messages);
        Assert.StartsWith("error: --max-tokens is 5000, expected 1 to ", error);
        Assert.EndsWith(" No model was specified with --model: this is the bundled demo model.", error);
        var missing = ToolRun.Of("predict", "--adapter", folder["nowhere"], "my card");
        Assert.DoesNotContain("No model was specified", missing.Error);
    }
}


namespace SkTuning.Tests.Tool;

/// <summary>An adapter that was trained to the end is replaced only by another one that was.</summary>
public sealed class InterruptedSaveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public InterruptedSaveTests()
        => File.WriteAllText(_folder["rows.tsv"], "text\tlabel\nthe film is good\tgood\na bad film\tbad\nfine film\tgood\nthe bad plot\tbad\n");

    [Fact]
    public void An_interrupted_training_is_saved_beside_a_finished_adapter()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no such signals there");
        var first = ToolRun.Of(Arguments("--method", "probe", "--epochs", "1"));
        Assert.True(first.ExitCode == 0, first.Error);
        var before = File.ReadAllBytes(Path.Combine(_folder["a"], "adapter.safetensors"));
        using var process = ToolRun.Start(Arguments(
            "--method", "sk-prefix", "--bottleneck", "2", "--epochs", "100000", "--patience", "0", "--batch-size", "1"));
        Assert.NotNull(process.StandardError.ReadLine());                       // an epoch is done
        _ = Signals.Send(process.Id, Signals.Terminate);
        var run = ToolRun.End(process);
        Assert.True(run.ExitCode == 143, run.Error);
        Assert.Contains(_folder["a"] + ".interrupted", run.Error);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(_folder["a"], "adapter.safetensors")));
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        using (TextClassifier.Load(_folder["a"], model)) { }
        using (TextClassifier.Load(_folder["a"] + ".interrupted", model)) { }
    }

    [Fact]
    public void A_folder_of_another_program_is_refused_before_training()
    {
        Directory.CreateDirectory(Path.Combine(_folder["a"], "src"));
        File.WriteAllText(Path.Combine(_folder["a"], "adapter.json"), "{\"name\": \"settings of my program\"}");
        var run = ToolRun.Of(Arguments("--method", "sk-prefix", "--bottleneck", "2", "--epochs", "100000"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("adapter.json: 'format' is missing", run.Error);
        Assert.True(Directory.Exists(Path.Combine(_folder["a"], "src")));
    }

    public void Dispose() => _folder.Dispose();

    private string[] Arguments(params string[] more) =>
    [
        "train", "--model", Fixtures.MicroModel, "--train", _folder["rows.tsv"], "--dev", _folder["rows.tsv"], "--prompt", "Good or bad?", "--threads", "1",
        "--device", "cpu", "--max-tokens", "8", "--out", _folder["a"], .. more,
    ];
}

using SkTuning.Training.Runs;

namespace SkTuning.Tests.Training;

/// <summary>A run folder that cannot be written any more is reported once and does not end the training.</summary>
public sealed class UnwritableRunTests(DamagedRunTests.StoppedRun run) : IClassFixture<DamagedRunTests.StoppedRun>
{
    [Fact]
    public void A_folder_that_is_removed_is_reported_once_and_the_training_goes_on()
    {
        using var folder = new TemporaryFolder();
        var errors = new List<string>();
        using var trained = run.Train(folder["run"], resume: false, p =>
        {
            if (p.Step == 2) Directory.Delete(folder["run"], recursive: true);
            if (p.RunFolderError is { } error) errors.Add(error);
        }, TestContext.Current.CancellationToken);
        Assert.Equal(9, trained.Report!.Steps);
        Assert.Contains(RunFiles.Config, Assert.Single(errors));
        Assert.NotNull(trained.Report.RunFolderError);
        Assert.False(Directory.Exists(folder["run"]));
        trained.Save(folder["out"]);
    }

    [Fact]
    public void A_full_disk_is_reported_and_all_is_written_once_there_is_room()
    {
        using var disk = new SmallDisk();
        var (folder, ballast) = (Path.Combine(disk.Path, "run"), Path.Combine(disk.Path, "ballast"));
        var errors = new List<string>();
        using var trained = run.Train(folder, resume: false, p =>
        {
            if (p.Step == 2) Fill(ballast);
            if (p.Step == 7) File.Delete(ballast);
            if (p.RunFolderError is { } error) errors.Add(error);
        }, TestContext.Current.CancellationToken);
        Assert.Single(errors);
        Assert.Null(trained.Report!.RunFolderError);
        var lines = File.ReadAllLines(Path.Combine(folder, RunFiles.Metrics));
        Assert.Equal(9, lines.Count(l => l.StartsWith("{\"event\":\"step\"", StringComparison.Ordinal) && l.EndsWith('}')));
        Assert.True(File.Exists(Path.Combine(folder, RunFiles.Adapter, "adapter.json")));
    }

    [Fact]
    public void A_file_in_the_way_of_a_checkpoint_is_reported_and_the_result_is_complete()
    {
        using var folder = new TemporaryFolder();
        var errors = new List<string>();
        using var trained = run.Train(folder["run"], resume: false, p =>
        {
            if (p.Step == 2)
            {
                var checkpoint = Path.Combine(folder["run"], RunFiles.Checkpoint);
                File.Delete(checkpoint);
                Directory.CreateDirectory(checkpoint);
            }
            if (p.RunFolderError is { } error) errors.Add(error);
        }, TestContext.Current.CancellationToken);
        Assert.Contains(RunFiles.Checkpoint, Assert.Single(errors));
        Assert.Equal(errors[0], trained.Report!.RunFolderError);
        Assert.True(File.Exists(Path.Combine(folder["run"], RunFiles.Adapter, "adapter.json")));
    }

    private static void Fill(string file)
    {
        using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) stream.Write(new byte[4096]);
        }
        catch (IOException) { }
    }
}

using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using SkTuning.Training.Runs;

namespace SkTuning.Tests.Training;

/// <summary>A damaged run folder is refused by the name of the file and of the entry; nothing else is thrown, and nothing runs forever.</summary>
public sealed class DamagedRunTests(DamagedRunTests.StoppedRun run) : IClassFixture<DamagedRunTests.StoppedRun>
{
    private const int Seeds = 60;

    [Theory]
    [InlineData("batch", "100")]
    [InlineData("batch", "-1")]
    [InlineData("batch", "1")]
    [InlineData("step", "3")]
    [InlineData("step", "-1")]
    [InlineData("epoch", "0")]
    [InlineData("epoch", "2147483647")]
    [InlineData("epoch", "\"x\"")]
    [InlineData("lossSum", "\"NaN\"")]
    [InlineData("tokens", "-1")]
    [InlineData("seconds", "1e300")]
    [InlineData("seconds", "-1")]
    [InlineData("metricsLength", "-1")]
    [InlineData("microRows", "0")]
    [InlineData("activationLimit", "-1")]
    [InlineData("zeroLoss", "-1")]
    [InlineData("firstLosses", "null")]
    [InlineData("firstLosses", "[\"NaN\"]")]
    [InlineData("lastLosses", "[1,1,1,1,1,1]")]
    [InlineData("epochs", "null")]
    [InlineData("epochs", "[null]")]
    [InlineData("epochs", "[]")]
    [InlineData("epochs", "[{\"epoch\":7}]")]
    [InlineData("best", "null")]
    [InlineData("tuned", "{\"epoch\":1,\"devScore\":1}")]
    [InlineData("finished", "true")]
    public void A_state_that_cannot_be_is_refused_by_name(string key, string value)
    {
        var e = Refused(header => Change(header, state => state[key] = JsonNode.Parse(value)));
        Assert.Contains(RunFiles.Checkpoint, e.Message);
        Assert.Contains(key is "best" ? "best" : key is "epochs" && value == "[]" ? "state.best" : value == "\"x\"" ? "state" : key, e.Message);
    }

    [Theory]
    [InlineData("optimizerSteps", null)]
    [InlineData("optimizerSteps", "x")]
    [InlineData("optimizerSteps", "7")]
    [InlineData("state", null)]
    [InlineData("state", "null")]
    [InlineData("state", "[]")]
    public void An_entry_of_the_checkpoint_that_is_missing_or_wrong_is_refused_by_name(string key, string? value)
    {
        var e = Refused(header =>
        {
            var metadata = header["__metadata__"]!.AsObject();
            if (value is null) metadata.Remove(key);
            else metadata[key] = value;
        });
        Assert.Equal((RunFiles.Checkpoint, key), (Path.GetFileName(e.File), e.Key));
    }

    [Theory, InlineData("parameters"), InlineData("best"), InlineData("optimizer.first"), InlineData("optimizer.second")]
    public void A_tensor_that_is_missing_or_not_finite_is_refused_by_name(string name)
    {
        Assert.Equal("other", Refused(header => Rename(header, name, "other")).Key);
        Assert.Equal(name, Refused(header => header.Remove(name)).Key);
        Assert.Equal(name, Refused(data: (header, data) =>
        {
            var at = header[name]!["data_offsets"]![0]!.GetValue<int>();
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(at), float.NaN);
        }).Key);
    }

    [Theory]
    [InlineData(RunFiles.Events, true)]
    [InlineData(RunFiles.Adapter, true)]
    [InlineData(RunFiles.Metrics, false)]
    [InlineData(RunFiles.Checkpoint, false)]
    [InlineData(RunFiles.Environment, false)]
    [InlineData(RunFiles.Report, false)]
    [InlineData(RunFiles.Predictions, false)]
    public void A_file_in_the_place_of_a_folder_and_a_folder_in_the_place_of_a_file_are_refused_by_name(string name, bool isFolder)
    {
        using var copy = run.Copy();
        var path = Path.Combine(copy["run"], name);
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        File.Delete(path);
        if (isFolder) File.WriteAllText(path, "x");
        else Directory.CreateDirectory(path);
        Assert.Equal(path, Assert.ThrowsAny<SkTuningFileException>(() => run.Resume(copy["run"])).File);
    }

    [Theory]
    [InlineData(RunFiles.Lock), InlineData(RunFiles.Metrics), InlineData(RunFiles.Checkpoint), InlineData(RunFiles.Report)]
    public void A_link_with_the_name_of_a_file_of_the_run_is_never_written_through(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        using var copy = run.Copy();
        var path = Path.Combine(copy["run"], name);
        File.WriteAllText(copy["mine"], "a file of the user");
        File.Delete(path);
        File.CreateSymbolicLink(path, copy["mine"]);
        Assert.Contains(name, Assert.ThrowsAny<SkTuningFileException>(() => run.Resume(copy["run"])).Message);
        Assert.Equal("a file of the user", File.ReadAllText(copy["mine"]));
    }

    [Fact]
    public void The_settings_of_another_program_are_not_a_run()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], "{\"model_type\":\"llama\"}");
        Assert.Contains("other files", Assert.ThrowsAny<SkTuningException>(() => run.Resume(folder.Path)).Message);
        Assert.Equal("{\"model_type\":\"llama\"}", File.ReadAllText(folder["config.json"]));
    }

    [Fact]
    public void Whatever_is_changed_in_a_run_folder_it_is_refused_or_goes_on()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            using var copy = run.Copy();
            var random = new Random(seed);
            string[] files = [.. Directory.GetFiles(copy["run"]).Where(f => Path.GetFileName(f) != RunFiles.Lock).Order(StringComparer.Ordinal)];
            var file = files[random.Next(files.Length)];
            var bytes = File.ReadAllBytes(file);
            var start = file.EndsWith(".safetensors", StringComparison.Ordinal) ? Math.Min(bytes.Length, 1500) : bytes.Length;
            for (var i = random.Next(1, 4); i > 0; i--)
                bytes[random.Next(start)] = "0123456789-\"{}[],:nulltruex.e"u8[random.Next(29)];
            File.WriteAllBytes(file, random.Next(8) == 0 ? bytes[..random.Next(bytes.Length)] : bytes);
            var thrown = Record.Exception(() => run.Resume(copy["run"]));
            Assert.True(thrown is null or SkTuningException, $"seed {seed}, {Path.GetFileName(file)}: {thrown}");
        }
    }

    private SkTuningFileException Refused(Action<JsonObject>? change = null, Action<JsonObject, byte[]>? data = null)
    {
        using var copy = run.Copy();
        var file = Path.Combine(copy["run"], RunFiles.Checkpoint);
        var bytes = File.ReadAllBytes(file);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var (header, values) = (JsonNode.Parse(bytes.AsSpan(8, length))!.AsObject(), bytes[(8 + length)..]);
        change?.Invoke(header);
        data?.Invoke(header, values);
        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        var start = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(start, text.Length);
        File.WriteAllBytes(file, [.. start, .. text, .. values]);
        return Assert.ThrowsAny<SkTuningFileException>(() => run.Resume(copy["run"]));
    }

    private static void Change(JsonObject header, Action<JsonObject> change)
    {
        var metadata = header["__metadata__"]!;
        var state = JsonNode.Parse(metadata["state"]!.GetValue<string>())!.AsObject();
        change(state);
        metadata["state"] = state.ToJsonString();
    }

    private static void Rename(JsonObject header, string from, string to)
    {
        header[to] = header[from]!.DeepClone();
        header.Remove(from);
    }

    /// <summary>A run of nine steps that was stopped after its fifth, in the second epoch.</summary>
    public sealed class StoppedRun : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly FrozenModel _model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        private readonly Row[] _rows =
            [.. Enumerable.Range(0, 12).Select(i => new Row($"text {i} of {i * i}", i % 2 == 0 ? "a" : "b"))];

        public StoppedRun()
        {
            using var stop = new CancellationTokenSource();
            Assert.ThrowsAny<TrainingCanceledException>(() => Train(_folder["run"], resume: false, p =>
            {
                if (p.Step == 5) stop.Cancel();
            }, stop.Token)).Result.Dispose();
        }

        internal TemporaryFolder Copy()
        {
            var copy = new TemporaryFolder();
            CopyFolder(_folder["run"], copy["run"]);
            return copy;
        }

        public void Resume(string folder)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            Train(folder, resume: true, null, limit.Token).Dispose();
        }

        public TextClassifier Train(string folder, bool resume, Action<TrainingProgress>? progress, CancellationToken cancel)
            => TextClassifier.Train(_model, _rows, new()
            {
                Prompt = "Good?",
                Method = new SkPrefixOptions { Bottleneck = 2 },
                MaxTokens = 8,
                Dev = _rows[..4],
                Training = new() { Epochs = 3, BatchSize = 4, Patience = 0, RunFolder = folder, Resume = resume, StateCacheMemory = 0 },
            }, progress is null ? null : new SmallTask.Now(progress), cancel);

        public void Dispose()
        {
            _model.Dispose();
            _folder.Dispose();
        }

        private static void CopyFolder(string from, string to)
        {
            Directory.CreateDirectory(to);
            foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            foreach (var folder in Directory.GetDirectories(from)) CopyFolder(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }
}

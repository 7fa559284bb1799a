using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Batches;
using static TorchSharp.torch;

namespace SkTuning.Training.Runs;

/// <summary>
/// A run on disk: config.json, environment.json, metrics.jsonl, checkpoint.safetensors, tensorboard/ while it goes on; dev-predictions.jsonl, report.json and adapter/ behind
/// its end. Whatever moment a process ends at, the folder goes on from its last checkpoint.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    public const string ConfigFile = "config.json", ReportFile = "report.json", PredictionsFile = "dev-predictions.jsonl", AdapterFolder = "adapter", EventFolder = "tensorboard", LockFile = "run.lock";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly FileStream _lock;
    private readonly MetricsLog _metrics;
    private readonly EventFiles _events;

    private RunFolder(string path, FileStream locked, TrainingState? state)
    {
        (Path, _lock, State) = (path, locked, state);
        _metrics = FileAccessErrors.Explain(path, () => new MetricsLog(path, state?.MetricsLength ?? 0));
        _events = new(System.IO.Path.Combine(path, EventFolder));
    }

    public string Path { get; }

    /// <summary>Where the run stood; null: at its start.</summary>
    public TrainingState? State { get; }

    /// <summary>Starts a run, or goes on with the one that is there.</summary>
    /// <param name="options">The folder, and whether to go on.</param>
    /// <param name="config">All that decides the run; must be what it was.</param>
    /// <param name="device">The model's.</param>
    /// <exception cref="SkTuningException">There is a run and it is not to go on; or a setting is not what it was.</exception>
    public static RunFolder Open(TrainingOptions options, JsonObject config, Device device)
    {
        var path = System.IO.Path.GetFullPath(options.RunFolder!);
        return FileAccessErrors.Explain(path, () =>
        {
            if (File.Exists(path)) throw SkTuningException.BadFile(path, null, "a file", "a new folder for the run, or a run to resume");
            Directory.CreateDirectory(path);
            var locked = Lock(System.IO.Path.Combine(path, LockFile));
            try
            {
                var file = System.IO.Path.Combine(path, ConfigFile);
                var there = Read(file);
                // What an end before the first settings were written may have left does not count.
                if ((!options.Resume || there is null) && Directory.EnumerateFileSystemEntries(path).Any(e => !e.EndsWith(".new", StringComparison.Ordinal) && System.IO.Path.GetFileName(e) != LockFile))
                    throw SkTuningException.BadFile(path, null, there is null ? "a folder with other files" : "a run", "a new folder or an empty one", there is null ? "Choose another name." : "Resume it (TrainingOptions.Resume, --resume), or choose another name.");
                if (there is not null && RunSettings.Difference(there, config) is var (key, before, now))
                    throw SkTuningException.BadFile(file, key, before, $"{now}, as it is now", "A run goes on with its own settings only: undo the change, or start another run in another folder.");
                if (there is null) WriteJson(file, config);
                // An adapter that was being written when the process ended.
                foreach (var half in Directory.GetDirectories(path, $".{AdapterFolder}.*")) Directory.Delete(half, recursive: true);
                var environment = System.IO.Path.Combine(path, RunEnvironment.FileName);
                WriteJson(environment, RunEnvironment.Describe(device, Read(environment)));
                return new RunFolder(path, locked, RunCheckpoint.ReadState(path));
            }
            catch
            {
                locked.Dispose();
                throw;
            }
        });
    }

    /// <summary>Held as long as the process uses the folder; the system lets go of it however the process ends.</summary>
    private static FileStream Lock(string path)
    {
        try { return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
        catch (IOException e) { throw SkTuningException.BadFile(path, null, "a lock that another process holds", "a run that no other process is at", "Wait for it, or choose another folder.", e); }
    }

    public void Step(TrainingProgress progress)
    {
        _metrics.Step(progress);
        _events.Step(progress);
    }

    public void Epoch(EpochResult epoch, int step, string metric, double elapsed)
    {
        _metrics.Epoch(epoch, step, metric, elapsed);
        _events.Epoch(epoch, step, metric);
    }

    /// <summary>Parameters, moments and the best parameters of the checkpoint.</summary>
    public Tensor? ReadTensors(ParameterSet parameters, Optimizer optimizer) => RunCheckpoint.ReadTensors(Path, parameters, optimizer);

    public void WriteCheckpoint(TrainingState state, ParameterSet parameters, Optimizer? optimizer, Tensor? best)
    {
        state.MetricsLength = _metrics.Length;
        RunCheckpoint.Write(Path, state, parameters, optimizer, best);
    }

    /// <summary>Writes a file of the folder whole, or not at all.</summary>
    public void Write(string name, Action<Stream> write)
    {
        var path = System.IO.Path.Combine(Path, name);
        FileAccessErrors.Explain(path, () =>
        {
            using (var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write)) write(file);
            File.Move(path + ".new", path, overwrite: true);
        });
    }

    public void WriteJson(JsonObject json, string name) => WriteJson(System.IO.Path.Combine(Path, name), json);

    private static void WriteJson(string path, JsonObject json)
    {
        File.WriteAllText(path + ".new", json.ToJsonString(Indented) + "\n");
        File.Move(path + ".new", path, overwrite: true);
    }

    private static JsonObject? Read(string path)
    {
        if (!File.Exists(path)) return null;
        try { return JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new JsonException("not an object"); }
        catch (JsonException e) { throw SkTuningException.BadFile(path, null, "no JSON object", "the settings of a run", "The file is damaged: start the run anew in another folder.", e); }
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _lock.Dispose();
    }
}

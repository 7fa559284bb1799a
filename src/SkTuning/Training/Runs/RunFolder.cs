using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Batches;
using static TorchSharp.torch;

namespace SkTuning.Training.Runs;

/// <summary>
/// A run on disk: config.json, environment.json, metrics.jsonl, checkpoint.safetensors and tensorboard/ while it is in progress, and dev-predictions.jsonl,
/// report.json and adapter/ after its end. Whenever a process ends, the run can be resumed from its last checkpoint.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly FileStream _lock;
    private readonly MetricsLog _metrics;
    private readonly EventFiles _events;

    private RunFolder(string path, FileStream locked, TrainingState? state)
    {
        (Path, _lock, State) = (path, locked, state);
        _metrics = FileAccessErrors.Explain(path, () => new MetricsLog(path, state?.MetricsLength ?? 0));
        _events = new(System.IO.Path.Combine(path, RunFiles.Events));
    }

    public string Path { get; }

    /// <summary>The state of the run to resume; null if it starts.</summary>
    public TrainingState? State { get; }

    /// <summary>Starts a run, or resumes the one in the folder.</summary>
    /// <param name="options">The options, with the folder and whether to resume.</param>
    /// <param name="config">All settings of the run, which must be the same when it is resumed.</param>
    /// <param name="device">The device of the model.</param>
    /// <exception cref="SkTuningException">The folder contains a run that is not to be resumed, or a setting differs.</exception>
    public static RunFolder Open(TrainingOptions options, JsonObject config, Device device)
    {
        var path = System.IO.Path.GetFullPath(options.RunFolder!);
        return FileAccessErrors.Explain(path, () =>
        {
            if (File.Exists(path)) throw SkTuningException.BadFile(path, null, "a file", "a new folder for the run, or a run to resume");
            Directory.CreateDirectory(path);
            var locked = Lock(System.IO.Path.Combine(path, RunFiles.Lock));
            try
            {
                var file = System.IO.Path.Combine(path, RunFiles.Config);
                var stored = Read(file);
                if ((stored is null || !options.Resume) && HasFiles(path))
                {
                    throw stored is null
                        ? SkTuningException.BadFile(path, null, "a folder with other files", "a new folder or an empty one", "Choose another name.")
                        : SkTuningException.BadFile(path, null, "a folder with a run", "a new folder or an empty one",
                            "Resume the run (TrainingOptions.Resume, --resume), or choose another name.");
                }
                if (stored is not null && RunSettings.Difference(stored, config) is var (key, before, now))
                {
                    throw SkTuningException.BadFile(file, key, before, $"{now}, the current value",
                        "A run can be resumed only with its own settings: undo the change, or start another run in another folder.");
                }
                if (stored is null) WriteJson(file, config);
                DeleteUnfinished(path);
                var environment = System.IO.Path.Combine(path, RunFiles.Environment);
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

    /// <summary>Returns true if a folder contains anything except what remains of a process that ended before it wrote the settings.</summary>
    private static bool HasFiles(string folder)
        => Directory.EnumerateFileSystemEntries(folder).Select(System.IO.Path.GetFileName)
            .Any(name => name != RunFiles.Lock && !name!.EndsWith(AtomicFile.TemporaryExtension, StringComparison.Ordinal));

    /// <summary>Deletes the files and the adapter that a process was writing when it ended.</summary>
    private static void DeleteUnfinished(string folder)
    {
        foreach (var name in (string[])[RunFiles.Config, RunFiles.Environment, RunFiles.Checkpoint, RunFiles.Predictions, RunFiles.Report])
            foreach (var file in Directory.GetFiles(folder, $"{name}*{AtomicFile.TemporaryExtension}")) File.Delete(file);
        foreach (var adapter in Directory.GetDirectories(folder, $".{RunFiles.Adapter}.*")) Directory.Delete(adapter, recursive: true);
    }

    /// <summary>Locks the folder while the process uses it. The system releases the lock however the process ends.</summary>
    private static FileStream Lock(string path)
    {
        try { return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
        catch (IOException e)
        {
            throw SkTuningException.BadFile(path, null, "a lock that another process holds", "a run folder that no other process uses",
                "Wait for the other process, or choose another folder.", e);
        }
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

    /// <summary>Fills the parameters and the optimizer from the checkpoint, and returns the best parameters, which the caller owns.</summary>
    public Tensor? ReadTensors(ParameterSet parameters, Optimizer optimizer) => RunCheckpoint.ReadTensors(Path, parameters, optimizer);

    public void WriteCheckpoint(TrainingState state, ParameterSet parameters, Optimizer? optimizer, Tensor? best)
    {
        state.MetricsLength = _metrics.Length;
        RunCheckpoint.Write(Path, state, parameters, optimizer, best);
    }

    /// <summary>Writes a file of the folder, as a whole or not at all.</summary>
    public void Write(string name, Action<Stream> write) => AtomicFile.Write(System.IO.Path.Combine(Path, name), write);

    public void WriteJson(JsonObject json, string name) => WriteJson(System.IO.Path.Combine(Path, name), json);

    private static void WriteJson(string path, JsonObject json) => AtomicFile.WriteText(path, json.ToJsonString(Indented) + "\n");

    private static JsonObject? Read(string path)
    {
        if (!File.Exists(path)) return null;
        try { return JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new JsonException("not an object"); }
        catch (JsonException e)
        {
            throw SkTuningException.BadFile(path, null, "not a JSON object", "the settings of a run", "The file is damaged: start again in another folder.", e);
        }
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _lock.Dispose();
    }
}

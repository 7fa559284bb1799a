using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SkTuning.Batches;
using static TorchSharp.torch;

namespace SkTuning.Training.Runs;

/// <summary>
/// A run on disk: config.json, environment.json, metrics.jsonl, checkpoint.safetensors and tensorboard/ while it is in progress, and dev-predictions.jsonl,
/// report.json and adapter/ after its end. Whenever a process ends, the run can be resumed from its last checkpoint.
/// </summary>
/// <remarks>
/// Once the run has begun, a folder that cannot be written (a full disk, a folder that was removed) does not end it: what cannot be written is noted in
/// <see cref="Error"/>, and the next write tries again.
/// </remarks>
internal sealed partial class RunFolder : IDisposable
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly string[] Files =
        [RunFiles.Config, RunFiles.Environment, RunFiles.Metrics, RunFiles.Checkpoint, RunFiles.Predictions, RunFiles.Report];

    private readonly FileStream _lock;
    private readonly MetricsLog _metrics;
    private readonly EventFiles _events;
    private bool _isNewError;

    private RunFolder(string path, FileStream locked, TrainingState? state)
    {
        (Path, _lock, State) = (path, locked, state);
        _metrics = FileAccessErrors.Explain(path, () => new MetricsLog(path, state?.MetricsLength ?? 0));
        _events = new(System.IO.Path.Combine(path, RunFiles.Events));
    }

    public string Path { get; }

    public string CheckpointFile => System.IO.Path.Combine(Path, RunFiles.Checkpoint);

    /// <summary>Why files of the folder are missing or old; null if none are.</summary>
    public string? Error { get; private set; }

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
            var locked = FolderFile.Lock(System.IO.Path.Combine(path, RunFiles.Lock), "a run folder");
            try
            {
                var file = System.IO.Path.Combine(path, RunFiles.Config);
                foreach (var name in Files) FolderFile.Require(System.IO.Path.Combine(path, name));
                var stored = Read(file);
                if (stored is not null && !IsRun(stored)) stored = null;
                if ((stored is null || !options.Resume) && HasFiles(path))
                {
                    throw stored is null
                        ? SkTuningException.BadFile(path, null, "a folder with other files", "a new folder or an empty one", "Choose another name.")
                        : SkTuningException.BadFile(path, null, "a folder with a run", "a new folder or an empty one",
                            "Resume the run (TrainingOptions.Resume), or choose another name.");
                }
                if (stored is not null && RunSettings.Difference(stored, config) is var (key, before, now))
                {
                    throw SkTuningException.BadFile(file, key, before, $"{now}, the current value",
                        "A run can be resumed only with its own settings: undo the change, or start another run in another folder.");
                }
                foreach (var folder in (string[])[RunFiles.Events, RunFiles.Adapter])
                    if (File.Exists(System.IO.Path.Combine(path, folder)))
                        throw SkTuningException.BadFile(System.IO.Path.Combine(path, folder), null, "a file", "a folder, or nothing", "Remove the file.");
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

    private static bool IsRun(JsonObject config)
        => config["format"] is JsonValue format && format.TryGetValue<string>(out var name) && name == RunFiles.Format;

    /// <summary>Returns true if a folder contains anything except what remains of a process that ended before it wrote the settings.</summary>
    private static bool HasFiles(string folder)
        => Directory.EnumerateFileSystemEntries(folder).Select(System.IO.Path.GetFileName)
            .Any(name => name != RunFiles.Lock && !IsUnfinished(name!));

    /// <summary>True for the files and folders that a process writes before it renames them.</summary>
    private static bool IsUnfinished(string name) => AtomicFile.IsTemporary(name) || UnfinishedAdapter().IsMatch(name);

    [GeneratedRegex(@"\A\.adapter\.([0-9]+-)?[0-9a-f]{32}\.(new|old|saving)\z")]
    private static partial Regex UnfinishedAdapter();

    /// <summary>Deletes the files and the adapter that a process was writing when it ended.</summary>
    private static void DeleteUnfinished(string folder)
    {
        foreach (var file in Directory.GetFiles(folder).Where(AtomicFile.IsTemporary)) File.Delete(file);
        foreach (var adapter in Directory.GetDirectories(folder).Where(d => UnfinishedAdapter().IsMatch(System.IO.Path.GetFileName(d))))
            Directory.Delete(adapter, recursive: true);
    }

    /// <summary>Returns <see cref="Error"/> the first time after it was set, otherwise null.</summary>
    public string? TakeNewError()
    {
        if (!_isNewError) return null;
        _isNewError = false;
        return Error;
    }

    public void Step(TrainingProgress progress)
    {
        Try(() => _metrics.Step(progress));
        Try(() => _events.Step(progress));
    }

    public void Epoch(EpochResult epoch, int step, string metric, double elapsed)
    {
        Try(() => _metrics.Epoch(epoch, step, metric, elapsed));
        Try(() => _events.Epoch(epoch, step, metric));
    }

    /// <summary>Writes to the folder.</summary>
    /// <returns>False if that was not possible; <see cref="Error"/> says why.</returns>
    public bool Try(Action write)
    {
        try
        {
            // Writing a file would create the folder again, but not the settings without which it is not a run.
            var config = System.IO.Path.Combine(Path, RunFiles.Config);
            if (!File.Exists(config))
                throw SkTuningException.BadFile(config, null, SkTuningFileException.Nothing, "the settings of the run", "The folder was removed or changed.");
            write();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SkTuningFileException)
        {
            _isNewError |= Error is null;
            Error = e is SkTuningException ? e.Message : $"{Path}: cannot be written: {e.Message.ReplaceLineEndings(" ")}";
            return false;
        }
    }

    /// <summary>Fills the parameters and the optimizer from the checkpoint, and returns the best parameters, which the caller owns.</summary>
    public Tensor? ReadTensors(ParameterSet parameters, Optimizer optimizer) => RunCheckpoint.ReadTensors(Path, State!, parameters, optimizer);

    /// <summary>Writes a checkpoint, with which the folder is complete again after an earlier write failed.</summary>
    /// <returns>False if that was not possible.</returns>
    public bool WriteCheckpoint(TrainingState state, ParameterSet parameters, Optimizer? optimizer, Tensor? best)
    {
        var isWritten = Try(() =>
        {
            _metrics.Flush();
            state.MetricsLength = _metrics.Length;
            RunCheckpoint.Write(Path, state, parameters, optimizer, best);
        });
        if (isWritten) Error = null;
        return isWritten;
    }

    /// <summary>Writes a file of the folder, as a whole or not at all.</summary>
    public void Write(string name, Action<Stream> write) => AtomicFile.Write(System.IO.Path.Combine(Path, name), write, keepLink: false);

    public void WriteJson(JsonObject json, string name) => WriteJson(System.IO.Path.Combine(Path, name), json);

    private static void WriteJson(string path, JsonObject json) => AtomicFile.WriteText(path, json.ToJsonString(Indented) + "\n", keepLink: false);

    private static JsonObject? Read(string path)
    {
        if (!File.Exists(path)) return null;
        try { return JsonInput.ReadObject(path); }
        catch (SkTuningFileException e) when (e.Found is not null)
        {
            throw SkTuningException.BadFile(path, e.Key, e.Found, e.Expected!, "The file is damaged: start again in another folder.", e);
        }
    }

    public void Dispose()
    {
        Try(_metrics.Flush);
        _metrics.Dispose();
        _lock.Dispose();
    }
}

using System.Text.Json.Nodes;
using SkTuning.Training.Runs;

namespace SkTuning.Reports.Runs;

/// <summary>
/// The files of a run folder. The file config.json is required. All other files may be missing or damaged, which is reported in <see cref="Gaps"/>.
/// </summary>
internal sealed class RunFolder
{
    private readonly string _path;
    private readonly List<string> _gaps = [];

    private RunFolder(string path, JsonObject config)
    {
        (_path, Config) = (path, config);
        Environment = ReadObject(RunFiles.Environment, "The machine is unknown.");
        Report = ReadObject(RunFiles.Report, "The run has not ended: the report shows its progress so far. To resume it, run sktuning train … --resume.");
        ReadMetrics();
        if (File.Exists(In(RunFiles.Predictions))) Predictions = [.. Lines(RunFiles.Predictions)];
        else if (Report is not null) _gaps.Add($"{RunFiles.Predictions} is missing although the run has ended: its predictions cannot be shown.");
    }

    /// <summary>The name of the folder, without its path.</summary>
    public string Name => Path.GetFileName(_path);

    public JsonObject Config { get; }

    public JsonObject? Environment { get; }

    /// <summary>The report; null if the run has not ended.</summary>
    public JsonObject? Report { get; }

    public List<StepPoint> Steps { get; } = [];

    public List<EpochPoint> Epochs { get; } = [];

    /// <summary>The lines of dev-predictions.jsonl; empty if it does not exist.</summary>
    public IReadOnlyList<JsonObject> Predictions { get; } = [];

    /// <summary>Sentences that describe what is missing or damaged.</summary>
    public IReadOnlyList<string> Gaps => _gaps;

    public void Gap(string sentence) => _gaps.Add(sentence);

    /// <exception cref="SkTuningException">The folder does not contain a run, or its config.json cannot be read.</exception>
    public static RunFolder Read(string path)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var file = Path.Combine(folder, RunFiles.Config);
        if (!File.Exists(file)) throw new SkTuningException($"{path}: contains no {RunFiles.Config}, expected a run folder (sktuning train --run).");
        var config = JsonInput.ParseObject(Text(file), file);
        if (Values.Text(config["format"]) is var format && format != RunFiles.Format)
            throw SkTuningException.BadFile(file, "format", format is null ? "missing" : $"\"{format}\"", $"\"{RunFiles.Format}\"",
                "The folder is not a run folder.");
        return new(folder, config);
    }

    private string In(string name) => Path.Combine(_path, name);

    private JsonObject? ReadObject(string name, string without)
    {
        if (!File.Exists(In(name)))
        {
            _gaps.Add($"{name} is missing. {without}");
            return null;
        }
        var text = Text(In(name));
        try { return JsonInput.ParseObject(text, name); }
        catch (SkTuningFileException e)
        {
            _gaps.Add($"{name} is damaged, and is ignored. {without} {e.Message}");
            return null;
        }
    }

    private void ReadMetrics()
    {
        if (!File.Exists(In(RunFiles.Metrics)))
        {
            _gaps.Add($"{RunFiles.Metrics} is missing: no step has finished yet, or the file was deleted.");
            return;
        }
        foreach (var line in Lines(RunFiles.Metrics))
        {
            if (Values.Text(line["event"]) == "step") Steps.Add(new(Whole(line, "step"), Number(line, "loss"), Number(line, "learningRate")));
            else if (Values.Text(line["event"]) == "epoch")
                Epochs.Add(new(Whole(line, "epoch"), Whole(line, "step"), Number(line, "trainLoss"), Number(line, "devLoss"), Number(line, "devScore"),
                    Values.Is(line["best"])));
        }

        static double Number(JsonObject line, string key) => Values.Number(line[key]);

        static int Whole(JsonObject line, string key) => Number(line, key) is var n && double.IsFinite(n) ? (int)Math.Clamp(n, 0, int.MaxValue) : 0;
    }

    /// <summary>Reads the objects of a JSONL file. Invalid lines are counted, and the first one is reported.</summary>
    private List<JsonObject> Lines(string name)
    {
        var (lines, bad, first) = (new List<JsonObject>(), 0, 0);
        foreach (var (i, line) in Text(In(name)).Split('\n').Index())
        {
            if (line.Length == 0) continue;
            try { lines.Add(JsonInput.ParseObject(line, name)); }
            catch (SkTuningFileException)
            {
                if (bad++ == 0) first = i + 1;
            }
        }
        if (bad == 1) _gaps.Add($"{name}: line {first} is damaged or incomplete and is ignored.");
        else if (bad > 1) _gaps.Add($"{name}: {bad} lines (the first is line {first}) are damaged or incomplete and are ignored.");
        return lines;
    }

    /// <summary>Reads a file that a run may be writing to.</summary>
    private static string Text(string file) => FileAccessErrors.Explain(file, () =>
    {
        using var reader = new StreamReader(InputFile.Open(file, share: FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd();
    });
}

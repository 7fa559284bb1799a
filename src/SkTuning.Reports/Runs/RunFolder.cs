using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Compare;

namespace SkTuning.Reports.Runs;

/// <summary>
/// What a run has written so far. Without its config.json a folder is no run; of every other file what can be read is taken, and what cannot is told in <see cref="Gaps"/>.
/// </summary>
internal sealed class RunFolder
{
    public const string ConfigFile = "config.json", FormatName = "sktuning-run";
    private const string EnvironmentFile = "environment.json", MetricsFile = "metrics.jsonl", PredictionsFile = "dev-predictions.jsonl", ReportFile = "report.json";

    private readonly string _path;
    private readonly List<string> _gaps = [];

    private RunFolder(string path, JsonObject config)
    {
        (_path, Config) = (path, config);
        Environment = ReadObject(EnvironmentFile, "The machine is not known.");
        Report = ReadObject(ReportFile, "The run has not ended: the report shows how far it is. sktuning train … --resume goes on.");
        ReadMetrics();
        if (File.Exists(In(PredictionsFile))) Predictions = [.. Lines(PredictionsFile)];
        else if (Report is not null) _gaps.Add($"{PredictionsFile} is not there, though the run has ended: nothing can be shown of its predictions.");
    }

    /// <summary>The folder's name, not where it lies.</summary>
    public string Name => Path.GetFileName(_path);

    public JsonObject Config { get; }

    public JsonObject? Environment { get; }

    /// <summary>Null while the run has not ended.</summary>
    public JsonObject? Report { get; }

    public List<StepPoint> Steps { get; } = [];

    public List<EpochPoint> Epochs { get; } = [];

    /// <summary>The lines of dev-predictions.jsonl; empty while there are none.</summary>
    public IReadOnlyList<JsonObject> Predictions { get; } = [];

    /// <summary>What is missing or damaged, in sentences.</summary>
    public IReadOnlyList<string> Gaps => _gaps;

    public void Gap(string sentence) => _gaps.Add(sentence);

    /// <exception cref="SkTuningException">The folder holds no run, or its config.json cannot be read.</exception>
    public static RunFolder Read(string path)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var file = Path.Combine(folder, ConfigFile);
        if (!File.Exists(file)) throw new SkTuningException($"{path}: holds no {ConfigFile}, expected the folder of a run (sktuning train --run FOLDER).");
        JsonObject? config;
        try { config = Parse(file); }
        catch (JsonException e) { throw new SkTuningException($"{file}: is no JSON object, expected the settings of a run. The file is damaged: without it there is nothing to report.", e); }
        if (Values.Text(config["format"]) is var format && format != FormatName) throw new SkTuningException($"{file}: 'format' is {(format is null ? "not there" : $"\"{format}\"")}, expected \"{FormatName}\": the folder is not that of a run.");
        return new(folder, config);
    }

    private string In(string name) => Path.Combine(_path, name);

    private JsonObject? ReadObject(string name, string without)
    {
        if (!File.Exists(In(name)))
        {
            _gaps.Add($"{name} is not there. {without}");
            return null;
        }
        try { return Parse(In(name)); }
        catch (JsonException)
        {
            _gaps.Add($"{name} is damaged: it is no JSON object. {without}");
            return null;
        }
    }

    private void ReadMetrics()
    {
        if (!File.Exists(In(MetricsFile)))
        {
            _gaps.Add($"{MetricsFile} is not there: no step was taken yet, or the file was removed.");
            return;
        }
        foreach (var line in Lines(MetricsFile))
            if (Values.Text(line["event"]) == "step") Steps.Add(new(Whole(line, "step"), Values.Number(line["loss"]), Values.Number(line["learningRate"])));
            else if (Values.Text(line["event"]) == "epoch")
                Epochs.Add(new(Whole(line, "epoch"), Whole(line, "step"), Values.Number(line["trainLoss"]), Values.Number(line["devLoss"]), Values.Number(line["devScore"]), Values.Is(line["best"])));

        static int Whole(JsonObject line, string key) => Values.Number(line[key]) is var n && double.IsFinite(n) ? (int)Math.Clamp(n, 0, int.MaxValue) : 0;
    }

    /// <summary>The objects of a file of lines; those that are none are counted, and the first is named.</summary>
    private List<JsonObject> Lines(string name)
    {
        var (lines, bad, first) = (new List<JsonObject>(), 0, 0);
        foreach (var (i, line) in Text(In(name)).Split('\n').Index())
        {
            if (line.Length == 0) continue;
            try
            {
                if (JsonNode.Parse(line) is JsonObject item)
                {
                    lines.Add(item);
                    continue;
                }
            }
            catch (JsonException) { }
            if (bad++ == 0) first = i + 1;
        }
        if (bad > 0) _gaps.Add($"{name}: {(bad == 1 ? $"line {first} is" : $"{bad} lines, the first of them line {first}, are")} damaged or not whole, and left out.");
        return lines;
    }

    private static JsonObject Parse(string file) => JsonNode.Parse(Text(file)) as JsonObject ?? throw new JsonException("not an object");

    /// <summary>A run may be writing meanwhile.</summary>
    private static string Text(string file)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new SkTuningException($"{file}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e); }
    }
}

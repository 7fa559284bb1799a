using System.Text.Json;
using System.Text.Json.Serialization;

namespace SkTuning.Compare;

/// <summary>
/// What a comparison found. It can hold less than the plan asks for: a run that was stopped has the trials that were finished, and what follows from them.
/// Every list is in the plan's order: data sets, then methods, then seeds, then rates.
/// </summary>
public sealed record ComparisonResult
{
    /// <summary>The plan's name.</summary>
    public required string Name { get; init; }

    /// <summary>The base and the settings that all trials share.</summary>
    public required ComparisonSetup Setup { get; init; }

    /// <summary>What it ran on.</summary>
    public required ComparisonMachine Machine { get; init; }

    /// <summary>The data sets, with leaks between their splits.</summary>
    public required IReadOnlyList<ComparedDataSet> DataSets { get; init; }

    /// <summary>The methods.</summary>
    public required IReadOnlyList<ComparedMethod> Methods { get; init; }

    /// <summary>Every finished trial, failed ones too. Dev figures alone: nothing here has seen a test row.</summary>
    public required IReadOnlyList<ComparisonTrial> Trials { get; init; }

    /// <summary>The trial that dev chose for each method, data set and seed, on the test rows.</summary>
    public required IReadOnlyList<ComparisonScore> Scores { get; init; }

    /// <summary>Mean and standard deviation over seeds for each method and data set. Methods of which every trial failed have <see cref="ComparisonSummary.Seeds"/> 0.</summary>
    public required IReadOnlyList<ComparisonSummary> Summaries { get; init; }

    /// <summary>The reference method against each of the others, on each data set where both have a score.</summary>
    public required IReadOnlyList<PairedComparison> Comparisons { get; init; }

    /// <summary>How many trials the plan asks for; more than <see cref="Trials"/> has when the run was stopped.</summary>
    public required int PlannedTrials { get; init; }

    /// <summary>True when every trial of the plan was run (or failed) and every choice was tested.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>The name of the method that the others are compared with.</summary>
    [JsonIgnore]
    public string Reference => Setup.Reference;

    /// <summary>Where the reference method was <em>not</em> better than another: ties and losses, losses first.</summary>
    [JsonIgnore]
    public IReadOnlyList<PairedComparison> NotBetter => [.. Comparisons.Where(c => c.Outcome != PairedOutcome.Win).OrderByDescending(c => c.Outcome)];

    /// <summary>Reads a result that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file, or the folder with its <c>result.json</c>.</param>
    /// <exception cref="SkTuningException">There is none, or it cannot be read; it is named.</exception>
    public static ComparisonResult Load(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        try
        {
            using var stream = File.OpenRead(file);
            return JsonSerializer.Deserialize(stream, ResultJson.Default.ComparisonResult) ?? throw new SkTuningException($"{file}: holds null, expected the result of a comparison.");
        }
        catch (JsonException e) { throw new SkTuningException($"{file}: '{e.Path}' is not what the result of a comparison holds there. The file is damaged, or of another version: run the comparison again, finished trials are kept.", e); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new SkTuningException($"{file}: cannot be read: {e.Message.ReplaceLineEndings(" ")} Expected the result of sktuning compare.", e); }
    }

    /// <summary>Writes everything, predictions included, as JSON.</summary>
    /// <param name="file">The file; one that is there is replaced in one step.</param>
    public void Save(string file) => AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, this, ResultJson.Default.ComparisonResult));

    /// <summary>The name of the file in a results folder that <see cref="Load"/> looks for.</summary>
    public const string FileName = "result.json";
}

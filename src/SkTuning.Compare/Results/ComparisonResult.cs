using System.Text.Json;
using System.Text.Json.Serialization;

namespace SkTuning.Compare;

/// <summary>
/// The result of a comparison. If the run was interrupted, the result contains only the finished trials and what follows from them.
/// Every list is in the order of the plan: by data set, then method, then seed, then learning rate.
/// </summary>
public sealed record ComparisonResult
{
    /// <summary>Gets the name of the plan.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the base and the settings shared by all trials.</summary>
    public required ComparisonSetup Setup { get; init; }

    /// <summary>Gets a description of the machine that the comparison ran on.</summary>
    public required ComparisonMachine Machine { get; init; }

    /// <summary>Gets the data sets, with the leaks between their splits.</summary>
    public required IReadOnlyList<ComparedDataSet> DataSets { get; init; }

    /// <summary>Gets the methods.</summary>
    public required IReadOnlyList<ComparedMethod> Methods { get; init; }

    /// <summary>Gets every finished trial, including failed ones. Trials contain only dev scores and are independent of the test rows.</summary>
    public required IReadOnlyList<ComparisonTrial> Trials { get; init; }

    /// <summary>Gets the test result of the selected trial of each method, data set and seed.</summary>
    public required IReadOnlyList<ComparisonScore> Scores { get; init; }

    /// <summary>
    /// Gets the mean and standard deviation over the seeds for each method and data set. If every trial failed, <see cref="ComparisonSummary.Seeds"/> is 0.
    /// </summary>
    public required IReadOnlyList<ComparisonSummary> Summaries { get; init; }

    /// <summary>Gets the comparisons of the reference method with each other method, on each data set where both have a score.</summary>
    public required IReadOnlyList<PairedComparison> Comparisons { get; init; }

    /// <summary>Gets the number of trials in the plan, which exceeds the number of <see cref="Trials"/> if the run was interrupted.</summary>
    public required int PlannedTrials { get; init; }

    /// <summary>Gets a value that indicates whether every trial of the plan finished or failed and every selected trial was tested.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>Gets the name of the method that the others are compared with.</summary>
    [JsonIgnore]
    public string Reference => Setup.Reference;

    /// <summary>Gets the comparisons in which the reference method was <em>not</em> better: losses, then ties.</summary>
    [JsonIgnore]
    public IReadOnlyList<PairedComparison> NotBetter => [.. Comparisons.Where(c => c.Outcome != PairedOutcome.Win).OrderByDescending(c => c.Outcome)];

    /// <summary>Returns the name and the size of the comparison in one line. <see cref="ComparisonMarkdown"/> has the tables.</summary>
    public override string ToString() => $"{Name}: {Methods.Count} methods, {DataSets.Count} data sets, {Trials.Count} of {PlannedTrials} trials";

    /// <summary>Reads a result written by <see cref="Save"/>.</summary>
    /// <param name="path">The file, or the folder that contains <c>result.json</c>.</param>
    /// <returns>The result.</returns>
    /// <exception cref="SkTuningException">The file does not exist, cannot be read or is damaged.</exception>
    public static ComparisonResult Load(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        try
        {
            var result = JsonInput.Deserialize(InputFile.ReadAllBytes(file), file, ResultJson.Default.ComparisonResult)
                ?? throw SkTuningException.BadFile(file, null, "null", "the result of a comparison");
            ResultCheck.Run(result, file);
            return result;
        }
        catch (JsonException e) { throw SkTuningException.BadFile(file, e.Path, "not valid", "a value of the result of a comparison", Damaged, e); }
    }

    /// <summary>Writes the result, including the predictions, as JSON.</summary>
    /// <param name="file">The file. An existing file is replaced atomically.</param>
    /// <exception cref="SkTuningException">The file cannot be written.</exception>
    public void Save(string file) => AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, this, ResultJson.Default.ComparisonResult));

    internal const string Damaged = "The file is damaged, or was written by another version: run the comparison again; finished trials are kept.";

    /// <summary>The name of the result file in a results folder.</summary>
    public const string FileName = "result.json";
}

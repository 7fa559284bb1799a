using System.Text.Json.Serialization;

namespace SkTuning.Compare;

/// <summary>
/// Which methods to compare on which data, and how: plan.json. Every method gets the same data, seeds, epochs and number of learning rates; the dev rows choose
/// among the rates, and only what they chose is tested.
/// </summary>
public sealed record ComparisonPlan
{
    /// <summary>What the comparison is called. Default in a file: the file's name.</summary>
    public required string Name { get; init; }

    /// <summary>The frozen base: a model's folder or .gguf file, relative to the plan's file.</summary>
    public required string Model { get; init; }

    /// <summary>cpu, cuda, cuda:N or auto. Default: auto.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>The number format of the matrix products. Default: Float32.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Ablation: start all weights of the base at random from this seed (<see cref="FrozenModelOptions.RandomWeights"/>); null: the model's own. Default: null.</summary>
    public ulong? RandomBase { get; init; }

    /// <summary>Threads within one operation; 0: one per core. Default: 0.</summary>
    public int Threads { get; init; }

    /// <summary>One run of every method for each. Where a data set has a folder per seed, these are the folders' names.</summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>Passes over the training rows, the same for every method. Default: 10.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Rows a step. Default: 16.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Which states the head sees. Default: Mean.</summary>
    public Pooling Pooling { get; init; } = Pooling.Mean;

    /// <summary>The most tokens of a text; null: what the library does by default. Default: null.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Train the head alone first, for every method alike. Default: true.</summary>
    public bool HeadFirst { get; init; } = true;

    /// <summary>The name of the method that the others are compared with. Default: the first one whose method is sk-prefix, else the first.</summary>
    public string? Reference { get; init; }

    /// <summary>The data sets, at least one.</summary>
    public required IReadOnlyList<PlanDataSet> DataSets { get; init; }

    /// <summary>The methods, at least one.</summary>
    public required IReadOnlyList<PlanMethod> Methods { get; init; }

    /// <summary>The folder that relative paths start from: that of the plan's file. Default: the current one.</summary>
    [JsonIgnore]
    public string Folder { get; init; } = ".";

    /// <summary>Reads a plan.</summary>
    /// <param name="path">The plan's file.</param>
    /// <exception cref="SkTuningException">The file cannot be read, a key is unknown, missing or has a value it cannot have; file and key are named.</exception>
    public static ComparisonPlan Read(string path) => PlanReader.Read(path);

    /// <summary>How many trials the plan asks for.</summary>
    [JsonIgnore]
    public int Trials => DataSets.Count * Seeds.Count * Methods.Sum(m => Math.Max(1, m.RatesTried.Count));

    /// <summary>Refuses what makes no sense, naming the key.</summary>
    /// <exception cref="SkTuningException">A value is out of range, a name is there twice, a method or a setting does not exist.</exception>
    public void Validate() => PlanCheck.Run(this);

    internal string ReferenceName => Reference ?? (Methods.FirstOrDefault(m => m.Method == "sk-prefix") ?? Methods[0]).Title;

    internal string Resolve(string path) => Path.GetFullPath(Path.Combine(Folder, path));
}

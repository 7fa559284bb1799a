using System.Text.Json.Serialization;

namespace SkTuning.Compare;

/// <summary>
/// A plan (plan.json): which methods to compare on which data sets, and how. Every method gets the same data, seeds and number of learning rates.
/// The dev rows select the learning rate, and only the selected trial is tested. In a data set without dev rows, there is one learning rate for each method.
/// </summary>
public sealed record ComparisonPlan
{
    /// <summary>The name of the comparison. The default in a plan file is the name of the file.</summary>
    public required string Name { get; init; }

    /// <summary>The frozen base: a model folder or a .gguf file, relative to the plan file.</summary>
    public required string Model { get; init; }

    /// <summary>The device: cpu, cuda, cuda:N or auto. The default is auto.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>The number format of the matrix products. The default is Float32.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>
    /// For ablations: the seed for replacing all weights of the base with random ones (<see cref="FrozenModelOptions.RandomWeights"/>). The default is null,
    /// which keeps the weights of the checkpoint.
    /// </summary>
    public ulong? RandomBase { get; init; }

    /// <summary>The number of threads per operation. The default is 0, which means one per core.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// The seeds, with each of which every method is trained. If a data set has one folder per seed, the seeds are the names of these folders.
    /// </summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>
    /// The number of passes over the training rows, for every method that does not name its own. The default is null, which uses the library's default.
    /// </summary>
    public int? Epochs { get; init; }

    /// <summary>
    /// The number of rows per step, for every method that does not name its own. The default is null, which uses the library's default.
    /// </summary>
    public int? BatchSize { get; init; }

    /// <summary>The pooling, which determines the states that the head receives. The default is Mean.</summary>
    public Pooling Pooling { get; init; } = Pooling.Mean;

    /// <summary>The maximum number of tokens per text. The default is null, which uses the library's default.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Whether to train the head alone before the adapter, for every method. The default is true.</summary>
    public bool HeadFirst { get; init; } = true;

    /// <summary>
    /// The name of the method that the others are compared with. The default is the first method that is sk-prefix, or else the first method.
    /// </summary>
    public string? Reference { get; init; }

    /// <summary>The data sets. At least one is required.</summary>
    public required IReadOnlyList<PlanDataSet> DataSets { get; init; }

    /// <summary>The methods. At least one is required.</summary>
    public required IReadOnlyList<PlanMethod> Methods { get; init; }

    /// <summary>The folder that relative paths are based on: the folder of the plan file. The default is the current folder.</summary>
    [JsonIgnore]
    public string Folder { get; init; } = ".";

    /// <summary>Loads a plan from a file.</summary>
    /// <param name="path">The plan file.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="SkTuningException">The file cannot be read, or a key is unknown, missing or has an invalid value.</exception>
    public static ComparisonPlan Load(string path) => PlanReader.Read(path);

    /// <summary>Gets the number of trials in the plan.</summary>
    [JsonIgnore]
    public int Trials => Seeds.Count * DataSets.Sum(d => Methods.Sum(m => Math.Max(1, m.RatesOn(d).Count)));

    /// <summary>Validates the plan.</summary>
    /// <exception cref="SkTuningException">A value is out of range, a name is not unique, or a method or setting does not exist.</exception>
    public void Validate() => PlanCheck.Run(this);

    internal string ReferenceName => Reference ?? (Methods.FirstOrDefault(m => m.Kind == "sk-prefix") ?? Methods[0]).Title;

    internal string Resolve(string path) => Path.GetFullPath(Path.Combine(Folder, path));
}

using System.Globalization;
using System.Text.Json.Serialization;

namespace SkTuning.Compare;

/// <summary>A method of a plan.</summary>
public sealed record PlanMethod
{
    /// <summary>
    /// A tuning method (<see cref="TuningOptions.Names"/>), several joined methods (<c>sk-prefix+lora</c>), <c>majority</c> or <c>tfidf</c>. The default is the
    /// method of the <see cref="Preset"/>; without one, it is required.
    /// </summary>
    public string? Method { get; init; }

    /// <summary>
    /// A complete recipe (<see cref="SkTuning.Preset.Names"/>): its method, head, objective and training settings, which the other keys of the method override.
    /// The plan's own epochs, batchSize, pooling and headFirst do not apply. The default is null.
    /// </summary>
    public string? Preset { get; init; }

    /// <summary>The unique name of the method, as shown in tables. The default is <see cref="Preset"/>, or else <see cref="Method"/>.</summary>
    public string? Name { get; init; }

    /// <summary>The settings that differ from the defaults, named as in adapter.json: <c>"bottleneck": 8</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The learning rates to try. The default is one third of the method's default rate, that rate, and three times that rate; for a data set without dev
    /// rows, which could not choose, the default is that rate alone, and only one can be specified.
    /// </summary>
    public IReadOnlyList<double>? Rates { get; init; }

    /// <summary>The number of passes over the training rows. The default is <see cref="ComparisonPlan.Epochs"/>.</summary>
    public int? Epochs { get; init; }

    /// <summary>The maximum number of steps. The default is null, which uses the library's default.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>The number of rows per step. The default is <see cref="ComparisonPlan.BatchSize"/>.</summary>
    public int? BatchSize { get; init; }

    /// <summary>
    /// The head. In a plan file, this is its name, or an object with its name and its settings as in adapter.json:
    /// <c>{ "head": "semantic", "priorWeight": 0 }</c>. The default is null, which uses the library's default.
    /// </summary>
    public HeadOptions? Head { get; init; }

    /// <summary>
    /// What the steps of training minimize. In a plan file, this is the name of an objective, or an object with its name and its settings:
    /// <c>{ "name": "contrastive", "weight": 0.5 }</c>. The default is null, which uses the library's default.
    /// </summary>
    public ObjectiveOptions? Objective { get; init; }

    /// <summary>The row template of this method, which contains <c>{text}</c> exactly once. The default is <see cref="PlanDataSet.Template"/>.</summary>
    public string? Template { get; init; }

    /// <summary>
    /// The share of the base's feed-forward units that the adapters of this method keep: above 0, at most 1. The default is null, which prunes nothing.
    /// </summary>
    public double? Prune { get; init; }

    /// <summary>With <see cref="Prune"/>, what decides which units are kept. The default is attribution.</summary>
    public PruningScore PruneBy { get; init; }

    /// <summary>
    /// Other prompts for this method, such as random words or a paraphrase, by the name of the data set. The default is the data set's prompt.
    /// </summary>
    public IReadOnlyDictionary<string, string> Prompts { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Other descriptions of the labels for this method, by the name of the data set. In a plan file, each is written as
    /// <see cref="PlanDataSet.Descriptions"/>. The default is the data set's descriptions.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>> Descriptions { get; init; }
        = new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>>();

    /// <summary>For ablations: what takes the place of the descriptions. The default is <see cref="LabelTexts.AsWritten"/>.</summary>
    public LabelTexts LabelTexts { get; init; }

    /// <summary>Gets the name shown in tables.</summary>
    [JsonIgnore]
    public string Title => Name ?? Preset ?? Kind;

    /// <summary>The method, or that of the preset.</summary>
    internal string Kind => Method ?? MethodTraits.PresetOf(this)?.Method.Name ?? "";

    /// <summary>Gets the learning rates to try on a data set with dev rows; empty for a method that has none.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> RatesTried => MethodTraits.DefaultRate(this) is { } rate ? Rates ?? Grid(rate) : [];

    /// <summary>Returns the learning rates to try on a data set; empty for a method that has none.</summary>
    internal IReadOnlyList<double> RatesOn(PlanDataSet data) => data.HasDev ? RatesTried : MethodTraits.DefaultRate(this) is { } rate ? Rates ?? [rate] : [];

    /// <summary>Returns three rates around the given one, rounded to three digits.</summary>
    private static IReadOnlyList<double> Grid(double rate) => [Rounded(rate / 3), rate, Rounded(rate * 3)];

    private static double Rounded(double rate) => double.Parse(rate.ToString("E2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}

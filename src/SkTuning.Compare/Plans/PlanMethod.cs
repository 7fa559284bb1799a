using System.Globalization;
using System.Text.Json.Serialization;

namespace SkTuning.Compare;

/// <summary>A method of a plan.</summary>
public sealed record PlanMethod
{
    /// <summary>A tuning method (<see cref="TuningOptions.Names"/>), several joined methods (<c>sk-prefix+lora</c>), <c>majority</c> or <c>tfidf</c>.</summary>
    public required string Method { get; init; }

    /// <summary>The unique name of the method, as shown in tables. The default is <see cref="Method"/>.</summary>
    public string? Name { get; init; }

    /// <summary>The settings that differ from the defaults, named as in adapter.json: <c>"bottleneck": 8</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The learning rates to try. The default is one third of the method's default rate, that rate, and three times that rate.</summary>
    public IReadOnlyList<double>? Rates { get; init; }

    /// <summary>
    /// Other prompts for this method, such as random words or a paraphrase, by the name of the data set. The default is the data set's prompt.
    /// </summary>
    public IReadOnlyDictionary<string, string> Prompts { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the name shown in tables.</summary>
    [JsonIgnore]
    public string Title => Name ?? Method;

    /// <summary>Gets the learning rates to try; empty for a method that has none.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> RatesTried => MethodTraits.DefaultRate(this) is { } rate ? Rates ?? Grid(rate) : [];

    /// <summary>Returns three rates around the given one, rounded to three digits.</summary>
    private static IReadOnlyList<double> Grid(double rate) => [Rounded(rate / 3), rate, Rounded(rate * 3)];

    private static double Rounded(double rate) => double.Parse(rate.ToString("E2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}

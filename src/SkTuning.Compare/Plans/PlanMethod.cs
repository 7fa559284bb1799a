using System.Text.Json.Serialization;

namespace SkTuning.Compare;

/// <summary>A method of a comparison.</summary>
public sealed record PlanMethod
{
    /// <summary>A tuning method (<see cref="TuningOptions.Names"/>), several joined (<c>sk-prefix+lora</c>), <c>majority</c> or <c>tfidf</c>.</summary>
    public required string Method { get; init; }

    /// <summary>Its name in the tables, unique. Default: the method's.</summary>
    public string? Name { get; init; }

    /// <summary>Settings beyond the defaults, by the names that adapter.json has: <c>"bottleneck": 8</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The learning rates to try. Default: a third of the method's own default rate, that rate, and three times it.</summary>
    public IReadOnlyList<double>? Rates { get; init; }

    /// <summary>Another prompt for this method, by the data set's name: random words, a paraphrase. Default: the data set's own.</summary>
    public IReadOnlyDictionary<string, string> Prompts { get; init; } = new Dictionary<string, string>();

    /// <summary>The name in the tables.</summary>
    [JsonIgnore]
    public string Title => Name ?? Method;

    /// <summary>The rates that will be tried; empty for a method that has none.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> RatesTried => MethodTraits.DefaultRate(this) is { } rate ? Rates ?? Grid(rate) : [];

    /// <summary>Three rates around one, each to three digits.</summary>
    private static IReadOnlyList<double> Grid(double rate) => [Rounded(rate / 3), rate, Rounded(rate * 3)];

    private static double Rounded(double rate) => double.Parse(rate.ToString("E2", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);
}

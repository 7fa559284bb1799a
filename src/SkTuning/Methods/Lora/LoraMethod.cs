using SkTuning.Batches;
using SkTuning.Models;

namespace SkTuning.Methods.Lora;

/// <summary>y = W x + b + scale·up(down(x)).</summary>
internal sealed class LoraMethod : TuningMethod
{
    private readonly LoraOptions _options;
    private readonly IReadOnlyList<LinearSite> _sites;

    public LoraMethod(LoraOptions options, LinearSites linears)
    {
        (_options, _sites) = (options, linears.Selected(options.Targets));
        Parameters = [.. _sites.SelectMany(s => (ParameterSpec[])
        [
            new(Down(s), [options.Rank, s.Inputs], ParameterStarts.Linear(s.Inputs)),
            new(Up(s), [s.Outputs, options.Rank], ParameterStarts.Zero),
        ])];
    }

    /// <summary>What the addition is multiplied by.</summary>
    public double Scale => _options.Alpha / (_options.RankStabilized ? Math.Sqrt(_options.Rank) : _options.Rank);

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length => 0;

    public static string Down(LinearSite site) => $"{site.Place.Layer}.{site.PartName}.down";

    public static string Up(LinearSite site) => $"{site.Place.Layer}.{site.PartName}.up";

    public override Injection Inject(ParameterSet parameters, bool training) => new()
    {
        Linears = _sites.ToDictionary(s => s.Place, s => new LinearOverride
        {
            Down = parameters.Adapter(Down(s)),
            Up = parameters.Adapter(Up(s)),
            LowRankScale = Scale,
            Dropout = training ? _options.Dropout : 0,
        }),
    };
}

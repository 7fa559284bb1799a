using SkTuning.Batches;
using SkTuning.Models;

namespace SkTuning.Methods.Ia3;

/// <summary>y = W(x·s) + b for the linears scaled at their input, y = (W x + b)·s for the others.</summary>
internal sealed class Ia3Method : TuningMethod
{
    private readonly IReadOnlyList<(LinearSite Site, bool AtInput)> _sites;

    public Ia3Method(Ia3Options options, LinearSites linears)
    {
        var inputs = linears.Selected(options.InputTargets ?? []);
        var outputs = linears.Selected(options.OutputTargets ?? []).Except(inputs);
        _sites = [.. inputs.Select(s => (s, true)), .. outputs.Select(s => (s, false))];
        Parameters = [.. _sites.Select(s => new ParameterSpec(Scale(s.Site), [s.AtInput ? s.Site.Inputs : s.Site.Outputs], ParameterStarts.One))];
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length => 0;

    public static string Scale(LinearSite site) => $"{site.Place.Layer}.{site.PartName}.scale";

    public override Injection Inject(ParameterSet parameters, bool training) => new()
    {
        Linears = _sites.ToDictionary(s => s.Site.Place, s => s.AtInput
            ? new LinearOverride { InputScale = parameters.Adapter(Scale(s.Site)) }
            : new LinearOverride { OutputScale = parameters.Adapter(Scale(s.Site)) }),
    };
}

using SkTuning.Batches;
using SkTuning.Models;

namespace SkTuning.Methods.Probe;

/// <summary>Injects nothing: only the head is trained.</summary>
internal sealed class ProbeMethod : TuningMethod
{
    public override IReadOnlyList<ParameterSpec> Parameters => [];

    public override int Length => 0;

    public override Injection Inject(ParameterSet parameters, bool training) => Injection.None;
}

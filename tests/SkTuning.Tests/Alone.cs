namespace SkTuning.Tests;

/// <summary>Tests that nothing may run beside: what dropout leaves out is drawn from a generator of the whole process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

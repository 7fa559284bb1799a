namespace SkTuning.Tests;

/// <summary>Tests that nothing may run beside: they use or measure what the whole process shares, such as its generator or its memory.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

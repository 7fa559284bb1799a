using SkTuning.Adapters;

namespace SkTuning;

/// <summary>A kind of task that makes the class which users see of an adapter.</summary>
internal interface IAdapterFactory
{
    /// <summary>The class that the task's adapters are instances of.</summary>
    Type AdapterType { get; }

    /// <summary>Makes the adapter, which owns <paramref name="adapter"/>.</summary>
    /// <param name="adapter">The loaded or trained adapter.</param>
    /// <param name="definition">Its definition after training; null for the one that it was created with.</param>
    /// <param name="report">The report of the training; null for an adapter that was loaded.</param>
    TunedAdapter Open(AdapterModel adapter, AdapterDefinition? definition = null, TrainingReport? report = null);
}

using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace SkTuning.ML;

/// <summary>
/// The form in which the transformer of a classifier is saved. Only ML.NET's own assemblies can register a class that a file is loaded into, so the file
/// contains a chain of two transformers of ML.NET: a value mapping whose only value is the adapter, and a custom mapping, by which the chain is recognized.
/// <see cref="Restore"/> replaces the chain in a pipeline that was loaded.
/// </summary>
internal static class StoredTransformer
{
    private const string Key = "adapter", Contract = "SkTuning";

    private static readonly AsyncLocal<int> Loads = new();
    private static readonly TransformerScope[] Scopes = [TransformerScope.Training, TransformerScope.Testing, TransformerScope.Scoring];

    /// <summary>Returns the chain to save for a classifier.</summary>
    public static ICanSaveModel Of(TextClassifier classifier, TextColumns columns)
    {
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable([new Stored()]);
        var mapping = context.Transforms.Conversion.MapValue(nameof(StoredAdapter.SkTuningAdapter),
            [KeyValuePair.Create(Key, AdapterArchive.Pack(classifier, columns))], nameof(Stored.SkTuningKey));
        var mark = context.Transforms.CustomMapping<Stored, Stored>((_, _) => { }, Contract);
        return new TransformerChain<ITransformer>(mapping.Fit(data), mark.Fit(data));
    }

    /// <summary>Allows pipelines with adapters to be loaded on this thread until the result is disposed.</summary>
    public static IDisposable Loading()
    {
        Loads.Value++;
        return new Scope();
    }

    /// <summary>Returns a pipeline with the stored transformers restored.</summary>
    /// <param name="transformer">The pipeline.</param>
    /// <param name="model">The base of its adapters.</param>
    /// <param name="create">Creates a transformer of a classifier, which it owns, and its columns.</param>
    public static ITransformer Restore(ITransformer transformer, FrozenModel model, Func<TextClassifier, TextColumns, ITransformer> create)
    {
        if (transformer is not TransformerChain<ITransformer> chain) return transformer;
        ITransformer[] parts = [.. chain];
        if (parts is [ValueMappingTransformer mapping, CustomMappingTransformer<Stored, Stored>])
        {
            var (classifier, columns) = AdapterArchive.Unpack(Read(mapping), model);
            return create(classifier, columns);
        }
        var restored = new List<ITransformer>();
        try
        {
            foreach (var part in parts) restored.Add(Restore(part, model, create));
        }
        catch
        {
            foreach (var part in restored) (part as IDisposable)?.Dispose();
            throw;
        }
        var kept = Scopes.Select(s => chain.GetModelFor(s).ToHashSet<ITransformer>(ReferenceEqualityComparer.Instance)).ToArray();
        return new TransformerChain<ITransformer>(restored,
            parts.Select(p => Scopes.Where((_, i) => kept[i].Contains(p)).Aggregate(TransformerScope.None, (all, s) => all | s)));
    }

    private static byte[] Read(ValueMappingTransformer mapping)
    {
        var context = new MLContext();
        var data = mapping.Transform(context.Data.LoadFromEnumerable([new Stored { SkTuningKey = Key }]));
        return context.Data.CreateEnumerable<StoredAdapter>(data, reuseRowObject: false).Single().SkTuningAdapter;
    }

    /// <summary>The row of the stored chain. Properties are names of columns.</summary>
    internal sealed class Stored
    {
        public string SkTuningKey { get; set; } = "";
    }

    internal sealed class StoredAdapter
    {
        public byte[] SkTuningAdapter { get; set; } = [];
    }

    private sealed class Scope : IDisposable
    {
        public void Dispose() => Loads.Value--;
    }

    /// <summary>ML.NET asks it for the custom mapping when a pipeline is loaded.</summary>
    [CustomMappingFactoryAttribute(Contract)]
    internal sealed class Factory : CustomMappingFactory<Stored, Stored>
    {
        public override Action<Stored, Stored> GetMapping() => Loads.Value > 0
            ? (_, _) => { }
        : throw new SkTuningException("The pipeline contains an SkTuning classifier, which needs its frozen model. "
                + "Load it with mlContext.Model.LoadSkTuning(path, model, out schema).");
    }
}

using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// The states that go into the lowest trained layer, of all rows: what is below it is frozen, so each distinct row goes through it once and for all. Kept in memory, or in a mapped
/// file where they are many. They belong to one base in one precision, and to what is injected below the layer (its constants, its length); a row's token ids
/// stand for text, template, truncation and special tokens. The rows are filled in an order of their own, so that the same rows have the same bits in every run.
/// </summary>
internal sealed class LowerLayerCache : IDisposable
{
    private readonly Dictionary<EncodedRow, long> _starts;
    private readonly Tensor _states;
    private readonly string? _file;

    private LowerLayerCache(int layer, Dictionary<EncodedRow, long> starts, Tensor states, string? file) => (Layer, _starts, _states, _file) = (layer, starts, states, file);

    /// <summary>The first layer that is run in each step.</summary>
    public int Layer { get; }

    /// <summary>Bytes of the states.</summary>
    public long Bytes => _states.NumberOfElements * _states.element_size();

    /// <summary>They are in a mapped file.</summary>
    public bool IsOnDisk => _file is not null;

    /// <summary>True when the states of all these rows are here.</summary>
    public bool Holds(IEnumerable<EncodedRow> rows) => rows.All(_starts.ContainsKey);

    /// <summary>The rows whose states are here.</summary>
    public IEnumerable<EncodedRow> Rows => _starts.Keys;

    /// <summary>The lowest layer that a method trains; 0 where nothing can be kept.</summary>
    public static int LayerOf(TunedModel model)
    {
        using var scope = NewDisposeScope();
        return model.Method.Inject(model.Parameters, training: false) is { InputPrompt: null } injection ? injection.FirstTrainedLayer(model.Transformer) : 0;
    }

    /// <summary>Runs the frozen layers below <paramref name="layer"/> over the distinct rows.</summary>
    /// <param name="model">The model; what its method injects below the layer is constant.</param>
    /// <param name="layer">From <see cref="LayerOf"/>, above 0.</param>
    /// <param name="rows">All rows of the run, each one sequence.</param>
    /// <param name="device">The model's.</param>
    /// <param name="mostInMemory">Bytes; more states go into a file.</param>
    /// <param name="cancel">Stops between batches.</param>
    /// <returns>Null where there is no room for them.</returns>
    public static LowerLayerCache? Fill(TunedModel model, int layer, IEnumerable<EncodedRow> rows, Device device, long mostInMemory, CancellationToken cancel)
    {
        EncodedRow[] distinct = [.. rows.Distinct(SameTokens.Instance).Order(SameTokens.Instance)];
        int[][] batches = [.. BatchedPass.Batches(distinct)];
        var starts = new Dictionary<EncodedRow, long>(distinct.Length, SameTokens.Instance);
        long tokens = 1;                                                                                // the first row is zeros: what padding gets
        foreach (var r in batches.SelectMany(b => b))
        {
            starts[distinct[r]] = tokens;
            tokens += distinct[r].Ids.Length;
        }
        var width = layer == model.Transformer.Config.Layers ? model.Transformer.Config.StateSize : model.Transformer.Config.Hidden;
        var bytes = tokens * width * sizeof(float);
        var file = bytes > mostInMemory ? StatesFile.Make(bytes, Path.GetTempPath()) : null;
        if (bytes > mostInMemory && file is null) return null;
        var filled = new LowerLayerCache(layer, starts, file is null ? InMemory(tokens, width) : StatesFile.Map(file, tokens, width), file);
        try
        {
            using var off = no_grad();
            using (var padding = filled._states.narrow(0, 0, 1)) padding.zero_().Dispose();
            BatchedPass.Run(batches, chosen => filled.Fill(model, [.. chosen.Select(r => distinct[r])], device), cancel);
            return filled;
        }
        catch
        {
            filled.Dispose();
            throw;
        }
    }

    private void Fill(TunedModel model, EncodedRow[] rows, Device device)
    {
        using var scope = NewDisposeScope();
        using var batch = TokenBatch.Of(rows, device);
        var request = model.Method.Request(model.Transformer, batch, model.Bake()) with { Layers = Layer };
        var states = model.Transformer.Forward(request).Text;                                           // [B,W,D]
        var width = (int)states.shape[1];
        long[] real = [.. rows.SelectMany((r, i) => Enumerable.Range(0, r.Ids.Length).Select(t => (long)i * width + t))];
        _states.narrow(0, _starts[rows[0]], real.Length).copy_(states.flatten(0, 1).index_select(0, tensor(real, device: device)));
    }

    /// <summary>Makes a batch that starts at the layer if the cache holds all of its rows, and at the token ids otherwise.</summary>
    public TokenBatch Batch(IReadOnlyList<EncodedRow> rows, Device device)
    {
        var batch = TokenBatch.Of(rows, device);
        EncodedRow[] sequences = [.. rows.SelectMany(r => r.Sequences)];
        if (!Holds(sequences)) return batch;
        try { return batch with { Kept = new(States(sequences, (int)batch.Ids.shape[1], device), batch.Ids) }; }
        catch
        {
            batch.Dispose();                                            // a GPU without enough memory: the caller retries with smaller parts
            throw;
        }
    }

    private LayerStates States(IReadOnlyList<EncodedRow> rows, int width, Device device)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var places = new long[rows.Count * width];                                                      // 0: the row of zeros
        for (var r = 0; r < rows.Count; r++)
        {
            var start = _starts[rows[r]];
            for (var t = 0; t < rows[r].Ids.Length; t++) places[r * width + t] = start + t;
        }
        return new(Layer, Devices.Send(_states.index_select(0, tensor(places)).view(rows.Count, width, _states.shape[1]), device).DetachFromDisposeScope());
    }

    private static Tensor InMemory(long tokens, long width)
    {
        using var scope = NewDisposeScope();
        return empty([tokens, width], ScalarType.Float32).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        _states.Dispose();
        if (_file is not null) StatesFile.Delete(_file);
    }
}

/// <summary>Rows that the model reads alike; ordered by length, then by their tokens.</summary>
internal sealed class SameTokens : IEqualityComparer<EncodedRow>, IComparer<EncodedRow>
{
    public static SameTokens Instance { get; } = new();

    public bool Equals(EncodedRow? a, EncodedRow? b) => ReferenceEquals(a, b) || a is not null && b is not null && Compare(a, b) == 0;

    public int GetHashCode(EncodedRow row)
    {
        var hash = new HashCode();
        foreach (var id in row.Ids) hash.Add(id);
        return hash.ToHashCode();
    }

    public int Compare(EncodedRow? a, EncodedRow? b)
    {
        var length = a!.Ids.Length.CompareTo(b!.Ids.Length);
        if (length != 0) return length;
        var ids = a.Ids.AsSpan().SequenceCompareTo(b.Ids);
        return ids != 0 ? ids : (a.TypeIds ?? []).AsSpan().SequenceCompareTo(b.TypeIds ?? []);
    }
}

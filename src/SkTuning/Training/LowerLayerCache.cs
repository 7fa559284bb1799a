using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// The inputs of the lowest trained layer for all rows. The layers below it are frozen, so each distinct row passes through them only once. The states are kept
/// in memory or, if they are many, in a mapped file. They depend on the base and its precision, on what is injected below the layer (its constants and its
/// length), and on the token ids of the row, which reflect the text, the template, truncation and special tokens. The rows are computed in a fixed order, so
/// that the same rows have the same bits in every run.
/// </summary>
internal sealed class LowerLayerCache : IDisposable
{
    private readonly Dictionary<EncodedRow, long> _starts;
    private readonly Tensor _states;
    private readonly string? _file;

    private LowerLayerCache(int layer, Dictionary<EncodedRow, long> starts, Tensor states, string? file)
        => (Layer, _starts, _states, _file) = (layer, starts, states, file);

    /// <summary>The first layer that runs in each step.</summary>
    public int Layer { get; }

    /// <summary>The size of the states in bytes.</summary>
    public long Bytes => _states.NumberOfElements * _states.element_size();

    /// <summary>The states are in a mapped file.</summary>
    public bool IsOnDisk => _file is not null;

    /// <summary>Returns true if the cache holds the states of all these rows.</summary>
    public bool Holds(IEnumerable<EncodedRow> rows) => rows.All(_starts.ContainsKey);

    /// <summary>The rows whose states the cache holds.</summary>
    public IEnumerable<EncodedRow> Rows => _starts.Keys;

    /// <summary>Returns the lowest layer that a method trains; 0 if no states can be cached.</summary>
    public static int LayerOf(TunedModel model)
    {
        if (model.Method.ReadsText) return 0;
        using var scope = NewDisposeScope();
        return model.Method.Inject(model.Parameters, training: false) is { InputPrompt: null } injection ? injection.FirstTrainedLayer(model.Transformer) : 0;
    }

    /// <summary>Runs the frozen layers below <paramref name="layer"/> over the distinct rows.</summary>
    /// <param name="model">The model, whose method injects only constants below the layer.</param>
    /// <param name="layer">The result of <see cref="LayerOf"/>, above 0.</param>
    /// <param name="rows">All rows of the run, each of them one sequence.</param>
    /// <param name="device">The device of the model.</param>
    /// <param name="maxMemory">The maximum size in memory, in bytes; larger states are written to a file.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    /// <returns>The cache; null if there is no space for the states.</returns>
    public static LowerLayerCache? Fill(TunedModel model, int layer, IEnumerable<EncodedRow> rows, Device device, long maxMemory,
        CancellationToken cancellationToken)
    {
        EncodedRow[] distinct = [.. rows.Distinct(SameTokens.Instance).Order(SameTokens.Instance)];
        int[][] batches = [.. BatchedPass.Batches(distinct, model.PassMemory)];
        var starts = new Dictionary<EncodedRow, long>(distinct.Length, SameTokens.Instance);
        long tokens = 1;                                                                                // the first row is zeros, for padding
        foreach (var r in batches.SelectMany(b => b))
        {
            starts[distinct[r]] = tokens;
            tokens += distinct[r].Ids.Length;
        }
        var width = layer == model.Transformer.Config.Layers ? model.Transformer.Config.StateSize : model.Transformer.Config.Hidden;
        var bytes = tokens * width * sizeof(float);
        var file = bytes > maxMemory ? StatesFile.Make(bytes, Path.GetTempPath()) : null;
        if (bytes > maxMemory && file is null) return null;
        var filled = new LowerLayerCache(layer, starts, file is null ? InMemory(tokens, width) : StatesFile.Map(file, tokens, width), file);
        try
        {
            using var off = no_grad();
            using (var padding = filled._states.narrow(0, 0, 1)) padding.zero_().Dispose();
            BatchedPass.Run(batches, chosen => filled.Fill(model, [.. chosen.Select(r => distinct[r])], device), cancellationToken);
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
        var injection = model.Method.ForRows(model.Bake(), batch, model.Parameters, training: false);
        var request = model.Method.Request(model.Transformer, batch, injection) with { Layers = Layer };
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
        try { return batch with { CachedStates = new(States(sequences, (int)batch.Ids.shape[1], device), batch.Ids) }; }
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
        var indices = new long[rows.Count * width];                                                      // 0: the row of zeros
        for (var r = 0; r < rows.Count; r++)
        {
            var start = _starts[rows[r]];
            for (var t = 0; t < rows[r].Ids.Length; t++) indices[r * width + t] = start + t;
        }
        return new(Layer, Devices.Send(_states.index_select(0, tensor(indices)).view(rows.Count, width, _states.shape[1]), device).DetachFromDisposeScope());
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

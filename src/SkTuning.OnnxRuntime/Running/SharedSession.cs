using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SkTuning.Batches;
using SkTuning.Exports;

namespace SkTuning.OnnxRuntime;

/// <summary>A session of ONNX Runtime with several users. The last user or the last call, whichever ends later, releases it.</summary>
internal sealed class SharedSession : IDisposable
{
    private const string Ids = "input_ids", Mask = "attention_mask", Types = "token_type_ids", Positions = "answer_indices";
    private const string ScoresOutput = "scores", FeaturesOutput = "features";

    private readonly InferenceSession _session;
    private readonly string _path;
    private readonly bool _readsTypes, _readsPositions;
    private int _users = 1;

    private SharedSession(InferenceSession session, string path)
    {
        (_session, _path) = (session, path);
        (_readsTypes, _readsPositions) = (session.InputMetadata.ContainsKey(Types), session.InputMetadata.ContainsKey(Positions));
    }

    /// <summary>Returns the metadata of the model.</summary>
    /// <exception cref="SkTuningFileException">It is damaged.</exception>
    public IReadOnlyDictionary<string, string> ReadMetadata()
    {
        try { return _session.ModelMetadata.CustomMetadataMap; }
        // ONNX Runtime's wrapper fails in this way on text that is not UTF-8.
        catch (Exception e) when (e is NullReferenceException or ArgumentException or OnnxRuntimeException)
        {
            throw SkTuningException.BadFile(_path, "metadata", "damaged", "keys and values in UTF-8", "Export it again.", e);
        }
    }

    /// <exception cref="SkTuningException">ONNX Runtime cannot run the model, or cannot be loaded.</exception>
    public static SharedSession Open(string path, OnnxAdapterOptions options)
    {
        try
        {
            using var settings = new SessionOptions
            {
                IntraOpNumThreads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
            return new(new InferenceSession(path, settings), path);
        }
        catch (OnnxRuntimeException e)
        {
            throw SkTuningException.BadFile(path, null, "a model that ONNX Runtime cannot run", "an exported adapter", Line(e.Message), e);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or BadImageFormatException or EntryPointNotFoundException)
        {
            var reason = (e.GetBaseException() is { } inner ? inner : e).Message;
            throw new SkTuningException($"The native library of ONNX Runtime cannot be loaded: {Line(reason)} It is part of the package "
                + "Microsoft.ML.OnnxRuntime, for Windows, Linux and macOS: publish for the system that the app runs on.", e);
        }
    }

    /// <summary>Adds a user.</summary>
    public SharedSession Retain()
    {
        Add();
        return this;
    }

    /// <summary>Begins a call, which ends when the result is disposed.</summary>
    public Call Begin()
    {
        Add();
        return new(this);
    }

    /// <summary>Refuses a graph whose inputs are not those of an export with an adapter.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="file">Where it was read from.</param>
    public void RequireInputs(ExportedAdapter adapter, string file)
    {
        string[] known = [Ids, Mask, Types, Positions];
        string[] needed = adapter.ReadsPositions ? [Ids, Mask, Positions] : [Ids, Mask];
        var found = _session.InputMetadata;
        var ofAdapter = found.Where(i => !known.Contains(i.Key)).ToDictionary();
        var isValid = needed.All(found.ContainsKey) && found.Except(ofAdapter).All(i => i.Value.ElementDataType == TensorElementType.Int64)
            && adapter.ReadsPositions == _readsPositions && ofAdapter.Values.All(i => i.ElementDataType == TensorElementType.Float)
            && (ofAdapter.Count > 0) == (adapter.Inputs.Count > 0);
        foreach (var given in adapter.Inputs)
        {
            if (ofAdapter.Remove(given.Name, out var input) && input.Dimensions.Length == given.Shape.Length
                && input.Dimensions.Zip(given.Shape).All(d => d.First == d.Second || d.First < 0)) continue;
            throw SkTuningException.BadFile(file, given.Name, $"[{string.Join(", ", given.Shape)}]",
                input is null ? $"no such input of {_path}" : $"[{string.Join(", ", input.Dimensions)}], the input of {_path}",
                "A shared model runs adapters of the same method, rank and head only: export this one with a model of its own.");
        }
        if (ofAdapter.Count > 0 && adapter.Inputs.Count > 0)
            throw SkTuningException.BadFile(file, ofAdapter.First().Key, "missing", $"an input of {_path}",
                "A shared model runs adapters of the same method, rank and head only: export this one with a model of its own.");
        if (!isValid)
            throw SkTuningException.BadFile(_path, "inputs", string.Join(", ", found.Keys), $"int64 inputs {string.Join(", ", needed)}", "Export it again.");
    }

    /// <summary>Refuses a graph whose outputs are not those that predictions need.</summary>
    public void RequireOutputs(int scores, bool withFeatures)
    {
        var found = _session.OutputMetadata;
        var isValid = found.TryGetValue(ScoresOutput, out var output) && output.ElementDataType == TensorElementType.Float
            && output.Dimensions is [_, var width] && (width == scores || width == -1) && (!withFeatures || found.ContainsKey(FeaturesOutput));
        if (isValid) return;
        throw SkTuningException.BadFile(_path, "outputs", string.Join(", ", found.Select(o => $"{o.Key} [{string.Join(", ", o.Value.Dimensions)}]")),
            $"{ScoresOutput} of {scores} numbers for each answer{(withFeatures ? $", and {FeaturesOutput}" : "")}", "Export it again.");
    }

    /// <summary>Computes the outputs of a batch, padded to its longest row.</summary>
    /// <param name="rows">The rows, each one sequence.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="withFeatures">True to compute features as well.</param>
    /// <param name="take">Receives the values of an output and the number of them in each row, and whether they are features.</param>
    public void Run(EncodedRow[] rows, ExportedAdapter adapter, bool withFeatures, Action<(float[] Values, int Width), bool> take)
    {
        var width = rows.Max(r => r.Ids.Length);
        long[] shape = [rows.Length, width];
        var (names, values) = (new List<string>(), new List<OrtValue>());
        try
        {
            Add(Ids, Filled(r => r.Ids), shape);
            Add(Mask, Filled(r => Enumerable.Repeat(1, r.Ids.Length)), shape);
            if (_readsTypes) Add(Types, Filled(r => r.TypeIds ?? []), shape);
            foreach (var given in adapter.Inputs)
            {
                names.Add(given.Name);
                values.Add(OrtValue.CreateTensorValueFromMemory(given.Values, given.Shape));
            }
            if (_readsPositions)
            {
                long[] positions = [.. rows.SelectMany((r, i) => (r.AnswerPositions ?? []).Select(p => (long)i * width + p))];
                Add(Positions, positions, [positions.Length]);
            }
            using var run = new RunOptions();
            string[] outputs = withFeatures ? [ScoresOutput, FeaturesOutput] : [ScoresOutput];
            using var results = _session.Run(run, names, values, outputs);
            for (var o = 0; o < outputs.Length; o++)
            {
                var size = results[o].GetTensorTypeAndShape().Shape;
                take((results[o].GetTensorDataAsSpan<float>().ToArray(), (int)size[^1]), o == 1);
            }
        }
        catch (OnnxRuntimeException e) { throw new SkTuningException($"{_path}: ONNX Runtime cannot compute {rows.Length} texts: {Line(e.Message)}", e); }
        finally { values.ForEach(v => v.Dispose()); }

        void Add(string name, long[] data, long[] size)
        {
            names.Add(name);
            values.Add(OrtValue.CreateTensorValueFromMemory(data, size));
        }

        long[] Filled(Func<EncodedRow, IEnumerable<int>> of)
        {
            var all = new long[rows.Length * width];
            for (var r = 0; r < rows.Length; r++)
                foreach (var (t, value) in of(rows[r]).Index()) all[r * width + t] = value;
            return all;
        }
    }

    public void Dispose() => Remove();

    /// <summary>The exception for the use of an adapter after it was disposed.</summary>
    public static ObjectDisposedException Disposed() => new("SkTuning.OnnxAdapter");

    private void Add()
    {
        for (int users, seen = Volatile.Read(ref _users); ; seen = users)
        {
            if (seen <= 0) throw Disposed();
            users = Interlocked.CompareExchange(ref _users, seen + 1, seen);
            if (users == seen) return;
        }
    }

    private void Remove()
    {
        if (Interlocked.Decrement(ref _users) == 0) _session.Dispose();
    }

    private static string Line(string message) => message.ReplaceLineEndings(" ").Trim() is var line && line.EndsWith('.') ? line : line + ".";

    /// <summary>A call that uses the session.</summary>
    internal readonly struct Call(SharedSession session) : IDisposable
    {
        public void Dispose() => session.Remove();
    }
}

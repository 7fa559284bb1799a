using SkTuning.Batches;
using SkTuning.Decisions;
using SkTuning.Exports;
using SkTuning.Prompts;
using SkTuning.Tokenizers;

namespace SkTuning.OnnxRuntime;

/// <summary>An export in memory: its description, its tokenizer and its session, which several adapters can share.</summary>
internal sealed class LoadedExport : IDisposable
{
    private const int MaxRows = 64, MaxTokens = 8192;

    private readonly SharedSession _session;
    private readonly TextTokenizer _tokenizer;

    private LoadedExport(string folder, ExportedAdapter adapter, TextTokenizer tokenizer, TextEncoder encoder, SharedSession session)
    {
        (Folder, Adapter, _tokenizer, Encoder, _session) = (folder, adapter, tokenizer, encoder, session);
        Task = new(adapter, Path.Combine(folder, ExportFolder.ModelFile));
    }

    private LoadedExport(LoadedExport other)
        => (Folder, Adapter, _tokenizer, Encoder, _session, Task)
            = (other.Folder, other.Adapter, other._tokenizer, other.Encoder, other._session.Retain(), other.Task);

    public string Folder { get; }

    public ExportedAdapter Adapter { get; }

    public ExportedTask Task { get; }

    public TextEncoder Encoder { get; }

    /// <summary>The file of the task's tensors.</summary>
    public string TensorsPath => Path.Combine(Folder, ExportFolder.TensorsFile);

    private string ModelPath => Path.Combine(Folder, ExportFolder.ModelFile);

    private int _isDisposed;

    /// <summary>Opens an export after a check of its files.</summary>
    /// <exception cref="SkTuningException">A file is missing, was changed, or is not an export; the message says which.</exception>
    public static LoadedExport Open(string folder, OnnxAdapterOptions? options)
    {
        ArgumentNullException.ThrowIfNull(folder);
        options ??= new();
        options.Validate();
        ExportFolder.RequireIntact(folder);
        var path = Path.Combine(folder, ExportFolder.ModelFile);
        var session = SharedSession.Open(path, options);
        try
        {
            var metadata = session.ReadMetadata();
            if (metadata.GetValueOrDefault(ExportedAdapter.FormatKey) is var format && format != ExportedAdapter.Version)
            {
                throw SkTuningException.BadFile(path, ExportedAdapter.FormatKey, format is null ? "missing" : $"\"{format}\"", $"\"{ExportedAdapter.Version}\"",
                    "Use the SkTuning version that wrote it, or a newer one.");
            }
            var adapter = ExportedAdapter.Parse(metadata.GetValueOrDefault(ExportedAdapter.MetadataKey)
                ?? throw SkTuningException.BadFile(path, ExportedAdapter.MetadataKey, "missing", "the description of the adapter"), path);
            var tensors = Path.Combine(folder, ExportFolder.TensorsFile);
            if (File.Exists(tensors)) adapter = adapter.With(TensorFile.Read(tensors));
            session.RequireInputs(adapter, path);
            var tokenizer = TokenizerOf(adapter, folder);
            return new(folder, adapter, tokenizer, EncoderOf(adapter, tokenizer, path), session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Returns the same export for another user, who disposes it.</summary>
    public LoadedExport Retain() => new(this);

    /// <summary>Opens an adapter that was written without the graph, on the graph of this export.</summary>
    /// <exception cref="SkTuningException">A file is missing or was changed, or the adapter is for another graph; the message says which.</exception>
    public LoadedExport With(string folder)
    {
        using var call = Begin();
        var path = Path.Combine(folder, ExportFolder.DescriptionFile);
        var adapter = ExportFolder.ReadDescription(folder);
        if (adapter.Base != Adapter.Base)
            throw SkTuningException.BadFile(path, "base", $"{adapter.Base}", $"{Adapter.Base}, the base of {ModelPath}", "Export the model for this base.");
        _session.RequireInputs(adapter, path);
        return new(folder, adapter, _tokenizer, EncoderOf(adapter, _tokenizer, path), _session.Retain());
    }

    /// <summary>Begins a call, which ends when the result is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The adapter was disposed.</exception>
    public SharedSession.Call Begin()
    {
        if (Volatile.Read(ref _isDisposed) != 0) throw SharedSession.Disposed();
        return _session.Begin();
    }

    /// <summary>Refuses a graph whose outputs are not those that predictions need.</summary>
    public void RequireOutputs(bool withFeatures) => _session.RequireOutputs(Adapter.Task == TaskNames.Regression ? 1 : Adapter.Labels.Length, withFeatures);

    /// <summary>Returns the scores of the rows' answers and, if they are needed, the features of rows: means over the windows of each row.</summary>
    public ScoredRows Scores(IReadOnlyList<EncodedRow> rows, bool withFeatures, CancellationToken cancellationToken)
    {
        EncodedRow[] sequences = [.. rows.SelectMany(r => r.Sequences)];
        var starts = new int[sequences.Length + 1];
        for (var s = 0; s < sequences.Length; s++) starts[s + 1] = starts[s] + sequences[s].Answers;
        RowTable scores = new(starts[^1]), features = new(withFeatures ? starts[^1] : 0);
        // With weights of 8 bits, inputs are quantized for a whole batch, and a row's result must not depend on the others. It costs a tenth of the speed.
        var most = Adapter.Precision == "int8" ? 1 : MaxRows;
        foreach (var batch in LengthBuckets.ByLength([.. sequences.Select(s => s.Ids.Length)], most, MaxTokens))
        {
            cancellationToken.ThrowIfCancellationRequested();
            EncodedRow[] chosen = [.. batch.Select(s => sequences[s])];
            int[] places = [.. batch.SelectMany(s => Enumerable.Range(starts[s], sequences[s].Answers))];
            _session.Run(chosen, Adapter, withFeatures, (output, isFeatures) => (isFeatures ? features : scores).Put(places, output, ModelPath));
        }
        return new(scores.OfRows(rows), withFeatures ? features.OfRows(rows) : null, []);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0) _session.Dispose();
    }

    private static TextTokenizer TokenizerOf(ExportedAdapter adapter, string folder)
    {
        const string Advice = "Copy the tokenizer's files from the export, or export the adapter again.";
        var tokenizer = TextTokenizer.Load(folder).ForRows(adapter.Vocabulary);
        return tokenizer?.Fingerprint == adapter.Base.Tokenizer ? tokenizer
            : throw SkTuningException.BadFile(folder, "tokenizer", "another tokenizer", "the one that the adapter was trained with", Advice);
    }

    private static TextEncoder EncoderOf(ExportedAdapter adapter, TextTokenizer tokenizer, string file)
    {
        try
        {
            var encoder = new TextEncoder(tokenizer, adapter.Causal, adapter.Template, adapter.StartsText, adapter.MaxTokens, adapter.WithTypes)
            {
                AnswersAtMask = adapter.AnswersAtMask,
                TruncatesMiddle = adapter.Truncation == Truncation.Middle,
                MaxWindows = adapter.MaxWindows,
            };
            encoder.RequireRoom(adapter.Pairs);
            return encoder;
        }
        catch (SkTuningException e) when (e is not SkTuningFileException)
        {
            throw SkTuningException.BadFile(file, "template", $"\"{adapter.Template}\"",
                "one that the tokenizer can read", e.Message, e);
        }
    }
}

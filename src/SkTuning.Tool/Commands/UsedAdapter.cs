using System.CommandLine;

namespace SkTuning.Tool.Commands;

/// <summary>What predicts: an adapter on a frozen model, or an exported one in ONNX Runtime.</summary>
internal sealed class UsedAdapter : IDisposable
{
    private readonly FrozenModel? _model;

    private UsedAdapter(FrozenModel? model, ITextPredictor predictor) => (_model, Predictor) = (model, predictor);

    public ITextPredictor Predictor { get; }

    /// <summary>True if the adapter reads pairs of texts.</summary>
    public bool ReadsPairs => Predictor is OnnxAdapter exported ? exported.ReadsPairs : ((TunedAdapter)Predictor).ReadsPairs;

    /// <summary>Loads an adapter, or the one that was exported to the folder of the model.</summary>
    /// <param name="model">The options of the model.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="adapter">The adapter's folder; null if the model is an exported folder.</param>
    public static UsedAdapter Load(ModelOptions model, ParseResult parsed, string? adapter)
    {
        if (model.LoadExport(parsed, adapter) is { } exported) return new(null, exported);
        var loaded = model.Load(parsed, adapter);
        try { return new(loaded, TunedAdapter.Load(adapter!, loaded)); }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    public IReadOnlyList<TaskPrediction> Predict(IReadOnlyList<Row> rows, CancellationToken cancellationToken) => Predictor switch
    {
        OnnxAdapter exported => exported.PredictRows(rows, cancellationToken),
        TunedAdapter<Row> reader => reader.PredictRows(rows, cancellationToken),
        _ => Predictor.PredictTexts([.. rows.Select(t => t.Text)], cancellationToken),
    };

    public void Dispose()
    {
        (Predictor as IDisposable)?.Dispose();
        _model?.Dispose();
    }
}

namespace SkTuning.Tests.Serving;

/// <summary>A small model and adapters of several tasks on it, as folders.</summary>
public sealed class MicroAdapters : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public MicroAdapters()
    {
        Row[] rows = [.. Enumerable.Range(0, 24).Select(i => i % 2 == 0 ? new Row($"my card {(i % 4 == 0 ? "is" : "the")} refused", "money")
            : new Row($"the box {(i % 3 == 0 ? "is" : "it")} late", "parcel"))];
        var training = new TrainingOptions { MaxSteps = 2, Folds = 0 };
        Save("topics", TextClassifier.Train(Model, rows, new() { Method = new ProbeOptions(), Training = training }));
        Save("tags", MultiLabelClassifier.Train(Model, rows, new() { Method = new ProbeOptions(), Training = training }));
        string[] texts = ["bad bad bill", "my bill", "good good box"];
        Row[] levels = [.. Enumerable.Range(0, 24).Select(i => new Row(texts[i % 3], $"{1 + i % 3}"))];
        Save("levels", OrdinalClassifier.Train(Model, levels, new() { Method = new ProbeOptions(), Training = training }));
        Save("number", TextRegressor.Train(Model, levels, new() { Method = new ProbeOptions(), Training = training }));
        Row[] pairs = [.. rows.Select(r => r with { Text2 = "please" })];
        Save("pairs", TextClassifier.Train(Model, pairs, new() { Method = new ProbeOptions(), Training = training }));
    }

    public FrozenModel Model { get; } = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });

    /// <summary>The folder of an adapter.</summary>
    public string this[string name] => _folder[name];

    /// <summary>Returns the prediction of an adapter without a server, as JSON.</summary>
    public TaskPrediction Predict(string name, string text)
    {
        using var adapter = TunedAdapter.Load(this[name], Model);
        return adapter.PredictTexts([text])[0];
    }

    public void Dispose()
    {
        Model.Dispose();
        _folder.Dispose();
    }

    private void Save(string name, TunedAdapter adapter)
    {
        using (adapter) adapter.Save(this[name]);
    }
}

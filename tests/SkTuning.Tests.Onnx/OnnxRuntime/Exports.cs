using SkTuning.Onnx;

namespace SkTuning.Tests.OnnxRuntime;

/// <summary>Small adapters of every task on a model of 40 KB, exported once for all tests of a class.</summary>
public sealed class Exports : IDisposable
{
    private static readonly string[] Words = ["parcel", "card", "bill"], Ends = ["", " please", " here", " late", " not", " it", " a", " was"];

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, (TunedAdapter Adapter, string Folder)> _exports = [];

    internal static IReadOnlyList<Row> Rows { get; } = [.. Words.SelectMany(w => Ends.Select(e => new Row($"my {w}{e}", w)))];

    internal static string[] Texts { get; } = ["my parcel please", "", "a card", "not it was late here please my bill", "good", "my my my my my my my my my"];

    internal FrozenModel Model { get; } = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });

    /// <summary>Returns an adapter and the folder that it was exported to.</summary>
    internal (TunedAdapter Adapter, string Folder) Of(string kind)
    {
        lock (_exports)
        {
            if (_exports.TryGetValue(kind, out var known)) return known;
            var adapter = Train(kind);
            var folder = _folder[kind];
            OnnxExport.Write(adapter, folder);
            return _exports[kind] = (adapter, folder);
        }
    }

    /// <summary>Returns a copy of an export.</summary>
    internal static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    public void Dispose()
    {
        foreach (var (adapter, _) in _exports.Values) adapter.Dispose();
        Model.Dispose();
        _folder.Dispose();
    }

    private TunedAdapter Train(string kind) => kind switch
    {
        "single-label" => TextClassifier.Train(Model, Rows, new() { Method = new ProbeOptions() }),
        "windows" => TextClassifier.Train(Model, Rows,
            new() { Method = new ProbeOptions(), Head = new LinearHeadOptions(), MaxTokens = 4, Truncation = Truncation.Windows, MaxWindows = 3 }),
        "pairs" => TextClassifier.Train(Model, [.. Rows.Select(r => r with { Text2 = "good" })], new() { Method = new ProbeOptions() }),
        "prefix" => TextClassifier.Train(Model, Rows,
            new() { Prompt = "my card", Method = new SkPrefixOptions { Bottleneck = 4 }, Training = new() { Epochs = 1 }, Template = "it was {text} please" }),
        "sets" => Sets(),
        "mahalanobis" => Rejecting(RejectionScore.Mahalanobis),
        "neighbors" => Rejecting(RejectionScore.NearestNeighbors),
        "energy" => Rejecting(RejectionScore.Energy),
        "multi-label" => MultiLabelClassifier.Train(Model, [.. Rows.Select(r => r with { Labels = [r.Label, r.Text.EndsWith("it") ? "card" : r.Label] })],
            new() { Method = new ProbeOptions() }),
        "regression" => TextRegressor.Train(Model, [.. Rows.Select((r, i) => new Row(r.Text, $"{i}"))], new() { Method = new ProbeOptions() }),
        "ordinal" => OrdinalClassifier.Train(Model, Rows, new() { Method = new ProbeOptions(), Levels = ["bill", "card", "parcel"] }),
        "tokens" => TokenClassifier.Train(Model, [.. Rows.Select(Tagged)], new() { Method = new ProbeOptions() }),
        _ => throw new ArgumentException(kind, nameof(kind)),
    };

    private static TokenRow Tagged(Row row)
    {
        var words = row.Text.Split(' ');
        return new(words, [.. words.Select(w => Words.Contains(w) ? "B-THING" : "O")]);
    }

    private TextClassifier Sets()
    {
        using var trained = TextClassifier.Train(Model, Rows, new() { Method = new ProbeOptions() });
        return trained.WithDecision(trained.RequireCoverage(0.8, Rows) with { ConfidenceThreshold = 0.4, Temperature = 1.5 });
    }

    private TextClassifier Rejecting(RejectionScore score)
        => TextClassifier.Train(Model, Rows, new() { Method = new ProbeOptions(), Rejection = new() { Score = score, RejectedFraction = 0.2 } });
}

using System.Security.Cryptography;
using System.Text;
using TorchSharp;

namespace SkTuning.Tests.Classifiers;

/// <summary>The embedded model and a classifier trained on it, created once for all tests that only read them; the progress of the training is kept.</summary>
public sealed class TrainedOnTiny : IDisposable
{
    public const string Prompt = "Classify the topic of the customer's message:";

    public TrainedOnTiny()
    {
        Rows = Splits.KShot(RowFile.Load(Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv")), 6, 1);
        HashBefore = Hash(Model);
        Classifier = TextClassifier.Train(Model, Rows, Options(), new Now(p =>
        {
            Progress.Add(p);
            if (p.CompletedEpoch is not null) LiveTensors.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }));
    }

    public FrozenModel Model { get; } = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });
    public IReadOnlyList<Row> Rows { get; }
    public TextClassifier Classifier { get; }
    public string HashBefore { get; }
    public List<TrainingProgress> Progress { get; } = [];
    public List<long> LiveTensors { get; } = [];

    public static TextClassifierOptions Options(int epochs = 3)
        => new() { Prompt = Prompt, Method = new SkPrefixOptions { Bottleneck = 4 }, Training = new() { Epochs = epochs, LearningRate = 3e-3, Folds = 0 } };

    /// <summary>Every bit of every weight.</summary>
    public static string Hash(FrozenModel model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, value) in model.Weights)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(value.contiguous().bytes);
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        Classifier.Dispose();
        Model.Dispose();
    }

    internal sealed class Now(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}

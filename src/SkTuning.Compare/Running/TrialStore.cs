using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SkTuning.Compare;

/// <summary>A finished trial on disk.</summary>
internal sealed record StoredTrial
{
    /// <summary>The measurements of the trial. The dev score is recomputed from <see cref="Dev"/> with the plan's metric.</summary>
    public required ComparisonTrial Trial { get; init; }

    /// <summary>The predictions for the dev rows; null if the trial failed.</summary>
    public Predictions? Dev { get; init; }
}

/// <summary>The result of a test on disk.</summary>
internal sealed record StoredTest
{
    public required Predictions Predictions { get; init; }

    public required double Seconds { get; init; }
}

/// <summary>
/// The results folder. It contains a small file for each finished trial and test, written atomically so that a run can be killed at any time, and the adapters
/// of cells whose choice is pending. Only one run can use it at a time.
/// </summary>
internal sealed class TrialStore : IDisposable
{
    private readonly string _trials, _tests, _adapters;
    private readonly FileStream _lock;

    public TrialStore(string folder)
    {
        (_trials, _tests, _adapters) = (Path.Combine(folder, "trials"), Path.Combine(folder, "tests"), Path.Combine(folder, "adapters"));
        try
        {
            foreach (var each in (string[])[_trials, _tests, _adapters]) Directory.CreateDirectory(each);
            _lock = new(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SkTuningException($"{folder}: cannot be used as results folder: {e.Message.ReplaceLineEndings(" ")} " +
                "Another comparison may be using it: wait until it ends, or specify another folder.", e);
        }
    }

    public StoredTrial? FindTrial(string key) => Read(TrialFile(key), StoreJson.Default.StoredTrial);

    public void Add(string key, StoredTrial trial) => Write(TrialFile(key), trial, StoreJson.Default.StoredTrial);

    public StoredTest? FindTest(string key, string testHash) => Read(TestFile(key, testHash), StoreJson.Default.StoredTest);

    public void Add(string key, string testHash, StoredTest test) => Write(TestFile(key, testHash), test, StoreJson.Default.StoredTest);

    public string Adapter(string key) => Path.Combine(_adapters, key);

    public void RemoveAdapter(string key)
    {
        if (Directory.Exists(Adapter(key))) Directory.Delete(Adapter(key), recursive: true);
    }

    private string TrialFile(string key) => Path.Combine(_trials, key + ".json");

    private string TestFile(string key, string testHash) => Path.Combine(_tests, $"{key}-{testHash[..8]}.json");

    /// <summary>Reads a file; null if it does not exist or is invalid (edited, or from another version), in which case it is recreated.</summary>
    private static T? Read<T>(string file, JsonTypeInfo<T> type) where T : class
    {
        if (!File.Exists(file)) return null;
        try
        {
            using var stream = File.OpenRead(file);
            return JsonSerializer.Deserialize(stream, type);
        }
        catch (JsonException) { return null; }
    }

    private static void Write<T>(string file, T value, JsonTypeInfo<T> type) => AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, value, type));

    public void Dispose() => _lock.Dispose();
}

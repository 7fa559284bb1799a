using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SkTuning.Compare;

/// <summary>A finished trial on disk.</summary>
internal sealed record StoredTrial
{
    /// <summary>The measurements of the trial. The dev score is recomputed from <see cref="Dev"/> with the plan's metric.</summary>
    public required ComparisonTrial Trial { get; init; }

    /// <summary>The predictions for the dev rows; null if the trial failed or there are no dev rows.</summary>
    public Predictions? Dev { get; init; }

    /// <summary>True if the file can be the result of a trial.</summary>
    public bool IsOf(string key, LabelSet labels, int devRows)
        => Trial.Key == key && TrialCheck.Fault(Trial) is null
            && (Trial.Error is not null || (Dev is null ? devRows == 0 : Dev.AreFor(labels, devRows)));
}

/// <summary>The result of a test on disk.</summary>
internal sealed record StoredTest
{
    public required Predictions Predictions { get; init; }

    public required double Seconds { get; init; }
}

/// <summary>
/// The results folder. It contains a small file for each finished trial and test, written atomically so that a run can be killed at any time, and the adapters
/// of cells whose choice is pending. Only one run can use it at a time. A folder with other files is refused.
/// </summary>
internal sealed class TrialStore : IDisposable
{
    private const string LockFile = ".lock";

    private readonly string _folder, _trials, _tests, _adapters;
    private readonly FileStream _lock;
    private string? _error;
    private bool _isNewError;

    public TrialStore(string folder)
    {
        (_folder, _trials, _tests, _adapters) = (folder, Path.Combine(folder, "trials"), Path.Combine(folder, "tests"), Path.Combine(folder, "adapters"));
        try
        {
            if (File.Exists(folder)) throw SkTuningException.BadFile(folder, null, "a file", "a new folder, or the results folder of a comparison");
            Directory.CreateDirectory(folder);
            RequireResults(folder);
            _lock = FolderFile.Lock(Path.Combine(folder, LockFile), "a results folder");
            foreach (var each in (string[])[_trials, _tests, _adapters])
            {
                Directory.CreateDirectory(each);
                foreach (var file in Directory.GetFiles(each).Where(AtomicFile.IsTemporary)) File.Delete(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _lock?.Dispose();
            throw new SkTuningException($"{folder}: cannot be used as results folder: {e.Message.ReplaceLineEndings(" ")} Specify another folder.", e);
        }
    }

    /// <summary>Refuses a folder of other files, among which a comparison's tables and summary could replace some.</summary>
    private static void RequireResults(string folder)
    {
        string[] own = [LockFile, "trials", "tests", "adapters"];
        var found = Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).ToHashSet(StringComparer.Ordinal);
        if (found.IsSubsetOf(own) || found.IsSupersetOf(own[..3])) return;
        throw SkTuningException.BadFile(folder, null, "a folder with other files", "a new folder, an empty one, or the results folder of a comparison",
            "Choose another name.");
    }

    /// <summary>Returns the result of a trial; null if it must be run, because no usable result exists.</summary>
    public StoredTrial? FindTrial(string key, LabelSet labels, int devRows)
        => Read(TrialFile(key), StoreJson.Default.StoredTrial) is { } stored && stored.IsOf(key, labels, devRows) ? stored : null;

    public void Add(string key, StoredTrial trial) => Try(() => Write(TrialFile(key), trial, StoreJson.Default.StoredTrial));

    /// <summary>Returns the result of a test; null if no usable result exists.</summary>
    public StoredTest? FindTest(string key, SealedTest test)
        => Read(TestFile(key, test.Hash), StoreJson.Default.StoredTest) is { } stored && TrialCheck.IsTime(stored.Seconds) && test.Fits(stored.Predictions)
            ? stored : null;

    public void Add(string key, string testHash, StoredTest test) => Try(() => Write(TestFile(key, testHash), test, StoreJson.Default.StoredTest));

    /// <summary>Writes to the folder. A folder that cannot be written does not end the comparison; the next write tries again.</summary>
    /// <returns>False if that was not possible; <see cref="TakeNewError"/> returns why.</returns>
    public bool Try(Action write)
    {
        try
        {
            // Writing a file would create the folder again, but without the lock.
            var locked = Path.Combine(_folder, LockFile);
            if (!File.Exists(locked))
                throw SkTuningException.BadFile(locked, null, SkTuningFileException.Nothing, "the lock of the comparison",
                    "The folder was removed or changed.");
            write();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SkTuningFileException)
        {
            _isNewError |= _error is null;
            _error ??= e is SkTuningException ? e.Message : $"{_folder}: cannot be written: {e.Message.ReplaceLineEndings(" ")}";
            return false;
        }
    }

    /// <summary>Returns the first error of <see cref="Try"/> once, otherwise null.</summary>
    public string? TakeNewError()
    {
        if (!_isNewError) return null;
        _isNewError = false;
        return _error;
    }

    public string Adapter(string key) => Path.Combine(_adapters, key);

    public void RemoveAdapter(string key)
    {
        try { if (Directory.Exists(Adapter(key))) Directory.Delete(Adapter(key), recursive: true); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }          // a file that is in use; it does no harm
    }

    private string TrialFile(string key) => Path.Combine(_trials, key + ".json");

    private string TestFile(string key, string testHash) => Path.Combine(_tests, $"{key}-{testHash[..8]}.json");

    /// <summary>Reads a file; null if it does not exist or is invalid (edited, or from another version), in which case it is recreated.</summary>
    private static T? Read<T>(string file, JsonTypeInfo<T> type) where T : class
    {
        if (!File.Exists(file)) return null;
        var bytes = InputFile.ReadAllBytes(file);
        try { return JsonInput.Deserialize(bytes, file, type); }
        catch (Exception e) when (e is JsonException or SkTuningFileException) { return null; }
    }

    private static void Write<T>(string file, T value, JsonTypeInfo<T> type)
        => AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, value, type), keepLink: false);

    public void Dispose() => _lock.Dispose();
}

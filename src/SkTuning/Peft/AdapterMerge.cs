using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Peft.Merging;
using static TorchSharp.torch;

namespace SkTuning.Peft;

/// <summary>
/// Merges an adapter into the weights of its model, for methods that change weights (LoRA, IA3, BitFit, top layers). The new folder is a model in Hugging
/// Face's layout that any program can load; the base is not changed.
/// </summary>
public static class AdapterMerge
{
    /// <summary>The subfolder of the merged model that holds the head as a separate adapter.</summary>
    public const string HeadFolder = "head";

    private static readonly FolderContent Content = new("a model", [], _ => { }) { Last = "config.json" };

    /// <summary>
    /// Writes the merged model. Its subfolder <c>head</c> is an adapter of the method <c>probe</c>, which holds the head:
    /// <c>TextClassifier.Load(Path.Combine(folder, "head"), FrozenModel.Load(folder))</c> predicts the same as <paramref name="adapter"/>. A head that
    /// transformers' classifiers have as well (<c>hf</c>, or a token classifier's) is also written into the model itself, with the labels in config.json.
    /// Only one tensor is in memory at a time.
    /// </summary>
    /// <param name="adapter">The adapter. The files that its base was loaded from must exist and be unchanged.</param>
    /// <param name="folder">A new folder, or an empty one. It appears only when it is complete.</param>
    /// <param name="dtype">How changed weights are stored. The default is fp32, so that nothing is lost.</param>
    /// <param name="progress">Receives progress before each tensor.</param>
    /// <param name="cancellationToken">Cancels before the next tensor; nothing remains of the folder.</param>
    /// <exception cref="SkTuningException">
    /// The method does not change weights (a prefix or a soft prompt), the model's layers share their weights, or a GGUF file cannot be written as a folder
    /// without changes; the message says which.
    /// </exception>
    public static void Write(TunedAdapter adapter, string folder, MergedDtype dtype = MergedDtype.Exact, IProgress<MergeProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentNullException.ThrowIfNull(folder);
        using var call = adapter.BeginCall();
        PrunedRefusal.Check(adapter.Definition, "a merged model");
        Write(
            adapter.Adapter.Model, adapter.Method, adapter.Adapter.Tuned.Bake(), folder, dtype, progress, cancellationToken, MergedHead.Of(adapter.Adapter),
            (temporary, merged) => SaveHead(adapter, merged, Path.Combine(temporary, HeadFolder)));
    }

    /// <summary>
    /// Writes the merged model to a new folder; <paramref name="writeMore"/> writes further files, given the folder and the merged model's fingerprint.
    /// </summary>
    internal static void Write(
        FrozenModel model, string method, Injection injection, string folder, MergedDtype dtype, IProgress<MergeProgress>? progress,
        CancellationToken cancellationToken, MergedHead? head = null, Action<string, BaseFingerprint>? writeMore = null)
    {
        if (File.Exists(folder) || Directory.Exists(folder) && StagingFolder.OtherEntries(folder).Any())
            throw SkTuningException.BadFile(
                folder, null, File.Exists(folder) ? "a file" : "a folder with files", "a new folder, or an empty one",
                "Choose another name: a model is never overwritten.");
        var changes = WeightChanges.Of(method, model.Transformer, injection);
        AtomicFolder.Write(folder, Content, temporary =>
        {
            var merged = new MergedFolder(model, changes, dtype) { Head = head }.Write(temporary, progress, cancellationToken);
            writeMore?.Invoke(temporary, merged);
        });
    }

    /// <summary>Saves what remains of an adapter once its changes are in the model: the head.</summary>
    private static void SaveHead(TunedAdapter adapter, BaseFingerprint merged, string folder)
    {
        var tuned = adapter.Adapter.Tuned;
        using var parameters = new ParameterSet(tuned.Parameters.Specs.Where(s => s.Group != ParameterGroup.Adapter), 0, CPU);
        foreach (var spec in parameters.Specs) parameters.Set(spec.Name, tuned.Parameters[spec.Name]);
        AdapterFolder.Save(folder, adapter.Definition with
        {
            Tuning = new ProbeOptions(),
            Base = merged,
            BaseSource = new() { Path = Path.GetDirectoryName(Path.GetFullPath(folder)) },
            Parameters = parameters.TrainedCount,
        }, parameters);
    }
}

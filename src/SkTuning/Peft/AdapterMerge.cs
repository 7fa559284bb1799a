using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Models;
using SkTuning.Peft.Merging;
using static TorchSharp.torch;

namespace SkTuning.Peft;

/// <summary>
/// Writes a model with an adapter in its weights: for methods that change weights (LoRA, IA3, BitFit, trained layers). The new folder is a model in Hugging Face's layout that
/// any program can load; the base stays as it is.
/// </summary>
public static class AdapterMerge
{
    /// <summary>The folder below the merged model that holds the head as an adapter of its own.</summary>
    public const string HeadFolder = "head";

    /// <summary>
    /// Writes the merged model. <c>head/</c> in it is an adapter of the method <c>probe</c>, the head on the merged model:
    /// <c>TextClassifier.Load(Path.Combine(folder, "head"), FrozenModel.Load(folder))</c> predicts as <paramref name="adapter"/> does. A head that transformers' classifiers have too (<c>hf</c>, a token classifier's) is also in the model itself, with the labels in config.json.
    /// One tensor is in memory at a time.
    /// </summary>
    /// <param name="adapter">The adapter. The files that its base was loaded from must be there and unchanged.</param>
    /// <param name="folder">A new folder, or an empty one. It is there when all of it is written.</param>
    /// <param name="dtype">How changed weights are stored. Default: fp32, so that nothing is lost.</param>
    /// <param name="progress">Told before each tensor.</param>
    /// <param name="cancellationToken">Stops before the next tensor; nothing is left behind.</param>
    /// <exception cref="SkTuningException">
    /// The method changes no weights (prefixes, soft prompts), the model's layers share their weights, or a GGUF cannot be written as a folder without a change; the message says which.
    /// </exception>
    public static void Write(TunedAdapter adapter, string folder, MergedDtype dtype = MergedDtype.Exact, IProgress<MergeProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var runtime = adapter.Adapter;
        Write(runtime.Model, adapter.Method, runtime.Tuned.Bake(), folder, dtype, progress, cancellationToken, MergedHead.Of(runtime), (at, merged) => SaveHead(adapter, merged, Path.Combine(at, HeadFolder)));
    }

    /// <summary>The merged model in a new folder; what is written beside it is told by <paramref name="beside"/>.</summary>
    internal static void Write(FrozenModel model, string method, Injection injection, string folder, MergedDtype dtype, IProgress<MergeProgress>? progress, CancellationToken cancellationToken, MergedHead? head = null, Action<string, BaseFingerprint>? beside = null)
    {
        if (File.Exists(folder) || Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw SkTuningException.BadFile(folder, null, File.Exists(folder) ? "a file" : "a folder with files", "a new folder, or an empty one", "Choose another name: a model is never written over.");
        var changes = WeightChanges.Of(method, model.Transformer, injection);
        AtomicFolder.Write(folder, at =>
        {
            var merged = new MergedFolder(model, changes, dtype) { Head = head }.Write(at, progress, cancellationToken);
            beside?.Invoke(at, merged);
        });
    }

    /// <summary>What is left of an adapter when its changes of the model are in the model.</summary>
    private static void SaveHead(TunedAdapter adapter, BaseFingerprint merged, string folder)
    {
        var runtime = adapter.Adapter;
        using var parameters = new ParameterSet(runtime.Tuned.Head.Parameters, 0, CPU);
        foreach (var spec in parameters.Specs) parameters.Set(spec.Name, runtime.Tuned.Parameters[spec.Name]);
        AdapterFolder.Save(folder, adapter.Definition with { Tuning = new ProbeOptions(), Base = merged, Parameters = parameters.Count }, parameters);
    }
}

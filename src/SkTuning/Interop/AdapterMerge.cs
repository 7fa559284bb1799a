using SkTuning.Inference;
using SkTuning.Interop.Merging;
using SkTuning.Models;

namespace SkTuning.Interop;

/// <summary>Writes a model with an adapter in its weights.</summary>
internal static class AdapterMerge
{
    /// <summary>The merged model in a new folder; what is written beside it is told by <paramref name="beside"/>.</summary>
    internal static void Write(FrozenModel model, string method, Injection injection, string folder, MergedDtype dtype, IProgress<MergeProgress>? progress, CancellationToken cancel, Action<string, BaseFingerprint>? beside = null)
    {
        if (File.Exists(folder) || Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw SkTuningException.BadFile(folder, null, File.Exists(folder) ? "a file" : "a folder with files", "a new folder, or an empty one", "Choose another name: a model is never written over.");
        var changes = WeightChanges.Of(method, model.Transformer, injection);
        AtomicFolder.Write(folder, at =>
        {
            var fingerprint = new MergedFolder(model, changes, dtype).Write(at, progress, cancel);
            beside?.Invoke(at, fingerprint);
        });
    }
}

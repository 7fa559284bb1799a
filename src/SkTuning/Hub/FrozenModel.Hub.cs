using SkTuning.Hub;

namespace SkTuning;

// Models from the hub: download into the cache, then load from there.
public sealed partial class FrozenModel
{
    /// <summary>Brings a model of the Hugging Face hub into the cache, checks it as <see cref="ModelHub"/> does, and loads it.</summary>
    /// <param name="repository">org/name.</param>
    /// <param name="revision">A branch, a tag or a commit.</param>
    /// <param name="options">Device, precision, mapping.</param>
    /// <param name="ggufFile">One GGUF file of the repository, instead of everything else.</param>
    /// <param name="progress">Is told of each step of the download.</param>
    /// <param name="cancellationToken">Stops the download; what has arrived is kept for the next time.</param>
    /// <exception cref="SkTuningException">The model cannot be had or not be read; the message says why and what to do.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Task<FrozenModel> FromHubAsync(string repository, string revision = "main", FrozenModelOptions? options = null, string? ggufFile = null, IProgress<HubProgress>? progress = null, CancellationToken cancellationToken = default)
        => FromHubAsync(HubSettings.FromEnvironment(), repository, revision, options, ggufFile, progress, cancellationToken);

    internal static async Task<FrozenModel> FromHubAsync(HubSettings settings, string repository, string revision, FrozenModelOptions? options, string? ggufFile, IProgress<HubProgress>? progress, CancellationToken cancel)
    {
        var path = await ModelHub.GetAsync(settings, repository, revision, ggufFile, progress, cancel).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        return Load(path, options);
    }
}

namespace SkTuning.Hub;

/// <summary>
/// Models of the Hugging Face hub, in the cache that its Python tools use. HF_HUB_CACHE, HF_HOME, HF_TOKEN, HF_ENDPOINT and HF_HUB_OFFLINE are honoured.
/// </summary>
public static class ModelHub
{
    /// <summary>
    /// Downloads what is missing of a model (config, tokenizer, weights: safetensors before PyTorch; or one GGUF file) and checks all of it against the hub's checksums.
    /// A download that was cut goes on where it stopped. Where the hub cannot be reached, the last complete download is used.
    /// </summary>
    /// <param name="repository">org/name.</param>
    /// <param name="revision">A branch, a tag or a commit.</param>
    /// <param name="ggufFile">One GGUF file of the repository, instead of everything else.</param>
    /// <param name="progress">Is told of each step, on the thread that does it.</param>
    /// <param name="cancellationToken">Stops the download; what has arrived is kept for the next time.</param>
    /// <returns>The path of the model's folder, or of the GGUF file.</returns>
    /// <exception cref="SkTuningException">The model cannot be had; the message says why and what to do.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Task<string> GetAsync(string repository, string revision = "main", string? ggufFile = null, IProgress<HubProgress>? progress = null, CancellationToken cancellationToken = default)
        => GetAsync(HubSettings.FromEnvironment(), repository, revision, ggufFile, progress, cancellationToken);

    /// <summary>On the pool: files are read and hashed there, and no caller's context is needed.</summary>
    internal static Task<string> GetAsync(HubSettings settings, string repository, string revision, string? ggufFile, IProgress<HubProgress>? progress, CancellationToken cancel)
    {
        var named = new HubRepository(repository, revision);
        return Task.Run(() => HubClient.Get(settings, named, ggufFile, progress, cancel), cancel);
    }
}

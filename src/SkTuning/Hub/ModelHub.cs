using SkTuning.Hub;

namespace SkTuning;

/// <summary>
/// Downloads models from the Hugging Face hub into the cache that its Python tools use. The environment variables HF_HUB_CACHE, HF_HOME, HF_TOKEN, HF_ENDPOINT
/// and HF_HUB_OFFLINE are honored.
/// </summary>
public static class ModelHub
{
    extension(FrozenModel)
    {
        /// <summary>
        /// Downloads a model from the Hugging Face hub into the cache, checks it (see
        /// <see cref="GetAsync(string, string, string, IProgress{HubProgress}, CancellationToken)"/>) and loads it.
        /// </summary>
        /// <param name="repository">The name of the repository: org/name.</param>
        /// <param name="revision">A branch, a tag or a commit.</param>
        /// <param name="options">The device, the precision and whether the weights are mapped or copied.</param>
        /// <param name="ggufFile">One GGUF file of the repository, to be downloaded instead of all the other files.</param>
        /// <param name="progress">Receives each step of the download.</param>
        /// <param name="cancellationToken">Stops the download; the bytes already received are kept for the next call.</param>
        /// <returns>The loaded model.</returns>
        /// <exception cref="SkTuningException">The model cannot be downloaded or read; the message gives the reason and what to do.</exception>
        /// <exception cref="OperationCanceledException">The operation was canceled.</exception>
        public static Task<FrozenModel> FromHubAsync(
            string repository, string revision = "main", FrozenModelOptions? options = null, string? ggufFile = null, IProgress<HubProgress>? progress = null,
            CancellationToken cancellationToken = default)
            => LoadAsync(HubSettings.FromEnvironment(), repository, revision, options, ggufFile, progress, cancellationToken);
    }

    /// <summary>
    /// Downloads the missing files of a model (configuration, tokenizer and weights, safetensors before PyTorch; or one GGUF file) and checks all of its files
    /// against the hub's checksums. An interrupted download is resumed. If the hub cannot be reached, the last complete download is used.
    /// </summary>
    /// <param name="repository">The name of the repository: org/name.</param>
    /// <param name="revision">A branch, a tag or a commit.</param>
    /// <param name="ggufFile">One GGUF file of the repository, to be downloaded instead of all the other files.</param>
    /// <param name="progress">Receives each step, on the thread that performs it.</param>
    /// <param name="cancellationToken">Stops the download; the bytes already received are kept for the next call.</param>
    /// <returns>The path of the model's folder, or of the GGUF file.</returns>
    /// <exception cref="SkTuningException">The model cannot be downloaded; the message gives the reason and what to do.</exception>
    /// <exception cref="OperationCanceledException">The operation was canceled.</exception>
    public static Task<string> GetAsync(
        string repository, string revision = "main", string? ggufFile = null, IProgress<HubProgress>? progress = null,
        CancellationToken cancellationToken = default)
        => GetAsync(HubSettings.FromEnvironment(), repository, revision, ggufFile, progress, cancellationToken);

    /// <summary>Runs on the thread pool: files are read and hashed there, and no caller's context is needed.</summary>
    internal static Task<string> GetAsync(
        HubSettings settings, string repository, string revision, string? ggufFile, IProgress<HubProgress>? progress, CancellationToken cancellationToken)
    {
        var named = new HubRepository(repository, revision);
        return Task.Run(() => HubClient.Get(settings, named, ggufFile, progress, cancellationToken), cancellationToken);
    }

    internal static async Task<FrozenModel> LoadAsync(
        HubSettings settings, string repository, string revision, FrozenModelOptions? options, string? ggufFile, IProgress<HubProgress>? progress,
        CancellationToken cancellationToken)
    {
        var path = await GetAsync(settings, repository, revision, ggufFile, progress, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return FrozenModel.Load(path, options);
    }
}

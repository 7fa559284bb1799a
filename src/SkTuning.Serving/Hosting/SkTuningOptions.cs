namespace SkTuning.Serving;

/// <summary>
/// The options of <see cref="Microsoft.Extensions.DependencyInjection.SkTuningServiceCollectionExtensions.AddSkTuning"/>, set in code or from a section of the
/// configuration. Relative paths start at the content root of the app.
/// </summary>
public sealed class SkTuningOptions
{
    /// <summary>Gets or sets the path of the base model: a folder in Hugging Face's layout, or a .gguf file.</summary>
    public string ModelPath { get; set; } = "";

    /// <summary>Gets or sets how the base model is loaded, such as its device and precision.</summary>
    public FrozenModelOptions Model { get; set; } = new();

    /// <summary>Gets the folders of the adapters that are loaded before the app takes traffic, by the names by which calls choose them.</summary>
    public IDictionary<string, string> Adapters { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Gets or sets the options of the engine.</summary>
    public ClassifierEngineOptions Engine { get; set; } = new();

    /// <summary>Gets or sets the options of the embedding generator.</summary>
    public FrozenEmbeddingOptions Embeddings { get; set; } = new();

    /// <summary>
    /// Gets or sets a value that indicates whether every adapter reads a text before the app takes traffic, so that the first request is not slower than
    /// others. The default is <see langword="true"/>.
    /// </summary>
    public bool WarmUp { get; set; } = true;
}

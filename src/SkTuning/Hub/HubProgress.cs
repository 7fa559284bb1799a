namespace SkTuning.Hub;

/// <summary>Specifies what the download of a model is doing.</summary>
public enum HubStep
{
    /// <summary>A file in the cache is being compared with its checksum.</summary>
    Checking,

    /// <summary>A file is being downloaded.</summary>
    Downloading,

    /// <summary>The hub did not answer or asked to wait, or another download of the same file is running; the next try follows.</summary>
    Waiting,

    /// <summary>The file in the cache was changed after its download; it is downloaded again.</summary>
    Changed,

    /// <summary>The file is in the cache, complete and checked.</summary>
    Ready,

    /// <summary>The hub cannot be reached; the model in the cache is used.</summary>
    Unreachable,
}

/// <summary>Reports the progress of a model's download.</summary>
/// <param name="Step">The current step.</param>
/// <param name="File">The file's name in the repository; empty if the step concerns the repository as a whole.</param>
/// <param name="Number">The file's position among those needed, starting at 1.</param>
/// <param name="Files">The number of files needed so far: the shards of a large model are added once its index is downloaded.</param>
/// <param name="Bytes">The number of bytes that this step has processed.</param>
/// <param name="Size">The file's size in bytes; null if it is not known yet.</param>
public sealed record HubProgress(HubStep Step, string File, int Number, int Files, long Bytes, long? Size);

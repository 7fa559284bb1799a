namespace SkTuning.Hub;

/// <summary>What is being done for a file of a model.</summary>
public enum HubStep
{
    /// <summary>A file that is in the cache is read and compared with its checksum.</summary>
    Checking,

    /// <summary>Bytes arrive.</summary>
    Downloading,

    /// <summary>The hub did not answer or asked to wait; another try follows.</summary>
    Waiting,

    /// <summary>The file in the cache is no longer what was downloaded; it is downloaded again.</summary>
    Changed,

    /// <summary>The file is in the cache, whole and checked.</summary>
    Ready,

    /// <summary>The hub cannot be reached; what is in the cache is used.</summary>
    Unreachable,
}

/// <summary>How far the download of a model is.</summary>
/// <param name="Step">What is being done.</param>
/// <param name="File">The file's name in the repository; empty where it is about the repository.</param>
/// <param name="Number">The file's place among those needed, from 1.</param>
/// <param name="Files">How many files are needed, as far as known: the shards of a large model are known once its index is here.</param>
/// <param name="Bytes">Bytes that are done of this step.</param>
/// <param name="Size">The file's bytes; null while unknown.</param>
public sealed record HubProgress(HubStep Step, string File, int Number, int Files, long Bytes, long? Size);

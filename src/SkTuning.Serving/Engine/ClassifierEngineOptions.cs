namespace SkTuning.Serving;

/// <summary>The options of a <see cref="ClassifierEngine"/>.</summary>
public sealed record ClassifierEngineOptions
{
    /// <summary>Gets the number of threads that run the model. The default is <see langword="null"/>: one for each core, and one on a GPU.</summary>
    public int? Workers { get; init; }

    /// <summary>Gets the maximum number of texts in a batch. 1 turns batching off. The default is 64.</summary>
    public int MaxBatchTexts { get; init; } = 64;

    /// <summary>
    /// Gets the maximum time that a text waits for others to share its batch while a worker is free. The default is 2 milliseconds.
    /// </summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Gets the maximum number of texts that wait for a worker. The default is 4,096.</summary>
    public int MaxQueuedTexts { get; init; } = 4096;

    /// <summary>
    /// Gets the maximum number of texts of one adapter that wait for a worker, so that a busy adapter leaves room for others. The default is 1,024.
    /// </summary>
    public int MaxQueuedTextsPerAdapter { get; init; } = 1024;

    /// <summary>
    /// Gets a value that indicates whether a call for whose texts the queue has no room fails with an <see cref="EngineFullException"/>; none of its texts is
    /// accepted then. The default is <see langword="false"/>: it waits for room.
    /// </summary>
    public bool RejectsWhenFull { get; init; }

    /// <summary>
    /// Gets the maximum memory that adapters occupy, in bytes. Beyond it, the tensors of the adapter that was used longest ago are released, and read again
    /// from its files when a text needs them. The default is 1 GiB.
    /// </summary>
    public long MaxAdapterBytes { get; init; } = 1L << 30;

    /// <summary>Whether adapters with different kinds of changes share batches; null: on a GPU.</summary>
    internal bool? MixesSlots { get; init; }

    internal void Validate()
    {
        const string Owner = nameof(ClassifierEngineOptions);
        OptionCheck.That(Owner, nameof(Workers), Workers, Workers is null or (>= 1 and <= 1024), "1 to 1024");
        OptionCheck.That(Owner, nameof(MaxBatchTexts), MaxBatchTexts, MaxBatchTexts is >= 1 and <= 1024, "1 to 1024");
        OptionCheck.That(Owner, nameof(MaxDelay), MaxDelay, MaxDelay >= TimeSpan.Zero && MaxDelay <= TimeSpan.FromMinutes(1), "0 to 1 minute");
        OptionCheck.That(Owner, nameof(MaxQueuedTexts), MaxQueuedTexts, MaxQueuedTexts >= 1, "1 or more");
        OptionCheck.That(Owner, nameof(MaxQueuedTextsPerAdapter), MaxQueuedTextsPerAdapter, MaxQueuedTextsPerAdapter >= 1, "1 or more");
        OptionCheck.That(Owner, nameof(MaxAdapterBytes), MaxAdapterBytes, MaxAdapterBytes >= 0, "0 or more");
    }
}

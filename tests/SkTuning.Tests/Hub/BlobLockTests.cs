using SkTuning.Hub;

namespace SkTuning.Tests.Hub;

/// <summary>The lock of a file that is downloaded.</summary>
public sealed class BlobLockTests
{
    [Fact]
    public async Task A_lock_that_another_download_holds_is_waited_for_and_reported_once()
    {
        using var folder = new TemporaryFolder();
        var (path, log) = (folder["locks/a.lock"], new ProgressLog());
        var first = await BlobLock.Take(path, new(null), TestContext.Current.CancellationToken);
        var second = BlobLock.Take(path, new(log), TestContext.Current.CancellationToken);
        await Task.Delay(350, TestContext.Current.CancellationToken);             // it is tried again every 100 ms
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
        Assert.Equal([HubStep.Waiting], log.Steps);
    }

    [Fact]
    public async Task Waiting_ends_when_it_is_canceled()
    {
        using var folder = new TemporaryFolder();
        using var held = await BlobLock.Take(folder["a.lock"], new(null), TestContext.Current.CancellationToken);
        using var stop = new CancellationTokenSource();
        var second = BlobLock.Take(folder["a.lock"], new(null), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }
}

using System.Diagnostics;

namespace SkTuning.Hub;

/// <summary>Reports <see cref="HubProgress"/>; byte counts at most ten times a second.</summary>
internal sealed class HubReport(IProgress<HubProgress>? progress)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private string _file = "";
    private int _number, _files;
    private long? _size;

    public void Begin(string file, int number, int files) => (_file, _number, _files, _size) = (file, number, files, null);

    public void Size(long? size) => _size = size;

    public void Say(HubStep step, long bytes = 0) => progress?.Report(new(step, _file, _number, _files, bytes, _size));

    public void Ready(long size)
    {
        _size = size;
        Say(HubStep.Ready, size);
    }

    public void Bytes(HubStep step, long bytes)
    {
        if (bytes != _size && _clock.Elapsed < Pause) return;
        _clock.Restart();
        Say(step, bytes);
    }
}

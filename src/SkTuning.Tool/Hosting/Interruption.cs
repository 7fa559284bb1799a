using System.Runtime.InteropServices;

namespace SkTuning.Tool.Hosting;

/// <summary>Requests an orderly shutdown on Ctrl+C or SIGTERM; a second signal ends the process immediately.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _signals;

    public Interruption() => _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, On), PosixSignalRegistration.Create(PosixSignal.SIGTERM, On)];

    public CancellationToken Token => _source.Token;

    /// <summary>128 plus the signal number, as shells report it.</summary>
    public int ExitCode { get; private set; } = 130;

    private void On(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested) return;
        ExitCode = context.Signal == PosixSignal.SIGTERM ? 143 : 130;
        context.Cancel = true;
        _source.Cancel();
    }

    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
        _source.Dispose();
    }
}

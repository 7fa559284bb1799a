using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SkTuning.Tool.Hosting;

/// <summary>
/// Ends the process on Ctrl+C or SIGTERM: a command that has something to finish does so, such as a training its step and the adapter. Any other command is
/// given a moment, since a read from a file, a pipe or a device cannot be canceled. A second signal ends the process immediately.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.5), OfMessage = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _signals;
    private volatile bool _finishes, _isOver, _serves;

    public Interruption() => _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, On), PosixSignalRegistration.Create(PosixSignal.SIGTERM, On)];

    public CancellationToken Token => _source.Token;

    /// <summary>128 plus the signal number, as shells report it; 0 if the command serves.</summary>
    public int ExitCode { get; private set; } = 130;

    /// <summary>From now on, the command has results to save, and is given the time that it needs after a signal.</summary>
    public void Finishes() => _finishes = true;

    /// <summary>From now on, a signal is how the command ends: it is given the time that it needs, and the exit code is that of success.</summary>
    public void Serves() => _finishes = _serves = true;

    private void On(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested) return;
        ExitCode = _serves ? ExitCodes.Success : context.Signal == PosixSignal.SIGTERM ? 143 : 130;
        context.Cancel = true;
        new Thread(EndAfterMoment) { IsBackground = true }.Start();
        _source.Cancel();
    }

    private void EndAfterMoment()
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Moment; Thread.Sleep(10))
            if (_finishes || _isOver) return;
        // Whoever should read the message may be what the command waits for.
        Task.Run(() => Console.Error.WriteLine("error: interrupted")).Wait(OfMessage);
        if (!_finishes && !_isOver) Environment.Exit(ExitCode);
    }

    public void Dispose()
    {
        _isOver = true;
        foreach (var signal in _signals) signal.Dispose();
        _source.Dispose();
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace SkTuning.Fuzz.Running;

/// <summary>A worker as its parent sees it: one request at a time, a limit in time and in memory, and a new process after each death.</summary>
internal sealed class WorkerProcess(string work) : IDisposable
{
    private const int MaxRequests = 400;
    private const long MaxIdleMemory = 1L << 30;

    private Process? _process;
    private BlockingCollection<string?> _answers = [];
    private StringBuilder _error = new();
    private int _requests;

    /// <summary>The limit in time of one input.</summary>
    public static TimeSpan TimeLimit { get; } = TimeSpan.FromSeconds(20);

    /// <summary>The limit of a worker's memory in bytes.</summary>
    public static long MemoryLimit => 2L << 30;

    /// <summary>Runs one input. An input that takes too long is run once more: the machine may be busy.</summary>
    public Outcome Run(params string[] request)
    {
        var outcome = RunOnce(request);
        return outcome.Kind == OutcomeKind.TooSlow ? RunOnce(request) : outcome;
    }

    private Outcome RunOnce(string[] request)
    {
        Start();
        lock (_error) _error.Clear();
        var (clock, peak, process) = (Stopwatch.StartNew(), 0L, _process!);
        process.StandardInput.WriteLine(string.Join('\t', request));
        while (true)
        {
            if (_answers.TryTake(out var answer, 20)) return answer is null ? Died(clock, peak) : Judged(Outcome.Read(answer));
            peak = Math.Max(peak, Memory.Resident(process.Id));
            if (peak > MemoryLimit + (MemoryLimit / 4)) return Killed(OutcomeKind.TooLarge, "over the limit of memory", clock, peak);
            if (clock.Elapsed > TimeLimit) return Killed(OutcomeKind.TooSlow, "over the limit of time", clock, peak);
        }
    }

    private Outcome Judged(Outcome outcome)
    {
        if (outcome.Growth > MemoryLimit && !outcome.IsFinding) outcome = outcome with { Kind = OutcomeKind.TooLarge, Head = "over the limit of memory" };
        if (++_requests >= MaxRequests || Memory.Resident(_process!.Id) > MaxIdleMemory) Stop();
        return outcome;
    }

    private Outcome Killed(OutcomeKind kind, string what, Stopwatch clock, long peak)
    {
        var at = Stack();
        Stop();
        return new(kind, what, at, clock.ElapsedMilliseconds, peak);
    }

    private Outcome Died(Stopwatch clock, long peak)
    {
        _process!.WaitForExit();
        string error;
        lock (_error) error = _error.ToString();
        var code = _process.ExitCode;
        Stop();
        var lines = error.Split('\n').Select(l => l.Trim()).ToList();
        var head = lines.FirstOrDefault(l => l.Length > 0) ?? "";
        var own = lines
            .FirstOrDefault(l => l.StartsWith("at SkTuning.", StringComparison.Ordinal) && !l.StartsWith("at SkTuning.Fuzz", StringComparison.Ordinal))
            ?.Split('(')[0];
        return new(OutcomeKind.Death, $"exit code {code}, {head[..Math.Min(head.Length, 80)]} {own}", error, clock.ElapsedMilliseconds, peak);
    }

    private string Stack()
    {
        lock (_error) return _error.ToString();
    }

    private void Start()
    {
        if (_process is { HasExited: false }) return;
        Stop();
        var assembly = typeof(WorkerProcess).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [assembly, "--worker", work])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = work,
        };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        (_answers, _error, _requests) = ([], new(), 0);
        var (process, answers, error) = (_process = Process.Start(start)!, _answers, _error);
        new Thread(() =>
        {
            while (process.StandardOutput.ReadLine() is { } line) answers.Add(line);
            answers.Add(null);
        })
        { IsBackground = true }.Start();
        new Thread(() =>
        {
            while (process.StandardError.ReadLine() is { } line)
                lock (error)
                    if (error.Length < 6000) error.AppendLine(line);
        })
        { IsBackground = true }.Start();
        var ready = answers.Take();
        if (ready != "ready") throw new SkTuningException($"The worker did not start: {ready} {Stack()}");
    }

    private void Stop()
    {
        if (_process is null) return;
        try { _process.Kill(entireProcessTree: true); }
        catch (InvalidOperationException) { }
        _process.WaitForExit();
        var folder = Path.Combine(work, $"input-{_process.Id}");
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        _process.Dispose();
        _process = null;
    }

    public void Dispose() => Stop();
}

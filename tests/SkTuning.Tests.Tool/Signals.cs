using System.Runtime.InteropServices;

namespace SkTuning.Tests.Tool;

/// <summary>Signals of Unix.</summary>
internal static partial class Signals
{
    public const int Interrupt = 2, Terminate = 15;

    /// <summary>Sends a signal to a process.</summary>
    /// <returns>0 if it was sent.</returns>
    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Send(int process, int signal);

    /// <summary>True if a process ignores a signal, which it inherits from its parent. Known on Linux only.</summary>
    public static bool Ignores(int process, int signal)
        => File.Exists($"/proc/{process}/status")
            && File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("SigIgn:", StringComparison.Ordinal)) is var line
            && (Convert.ToUInt64(line["SigIgn:".Length..].Trim(), 16) >> (signal - 1) & 1) != 0;
}

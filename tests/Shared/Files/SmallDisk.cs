using System.Diagnostics;

namespace SkTuning.Tests;

/// <summary>A disk of 400 KB, where one can be mounted; the test is skipped elsewhere.</summary>
internal sealed class SmallDisk : IDisposable
{
    public const int Size = 400 * 1024;

    private readonly TemporaryFolder _folder = new();

    public SmallDisk()
    {
        Path = _folder["disk"];
        Directory.CreateDirectory(Path);
        var mounted = OperatingSystem.IsLinux() && Environment.UserName == "root" && Run("mount", "-t", "tmpfs", "-o", $"size={Size}", "tmpfs", Path) == 0;
        if (!mounted) _folder.Dispose();
        Assert.SkipUnless(mounted, "a small disk cannot be mounted here");
    }

    public string Path { get; }

    public void Dispose()
    {
        Run("umount", Path);
        _folder.Dispose();
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}

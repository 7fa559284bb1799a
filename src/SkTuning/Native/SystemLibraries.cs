using System.Runtime.InteropServices;

namespace SkTuning.Native;

/// <summary>Checks the C and C++ libraries of a Linux system.</summary>
internal static partial class SystemLibraries
{
    private const string OldestGlibc = "2.34", OldestCpp = "GLIBCXX_3.4.30";
    private const string NewerSystem = "Use Debian 12, Ubuntu 22.04 or a later system.";

    /// <summary>Checks the version of glibc.</summary>
    public static Finding Glibc()
    {
        const string name = "glibc";
        try
        {
            var version = Marshal.PtrToStringUTF8(gnu_get_libc_version()) ?? "?";
            return Version.TryParse(version, out var found) && found < Version.Parse(OldestGlibc)
                ? Finding.Problem(name, $"{version}, but TorchSharp's library needs {OldestGlibc}", NewerSystem) : Finding.Ok(name, version);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return Finding.Problem(name, "not found: this system has another C library, for which there is no libtorch", NewerSystem, e.Message);
        }
    }

    /// <summary>Checks the version of libstdc++, and says whether TorchSharp's library is patched because of it.</summary>
    public static Finding Cpp()
    {
        const string name = "libstdc++";
        if (!NativeLibrary.TryLoad("libstdc++.so.6", out _) || Mapped("/libstdc++.so") is not { } path)
            return Finding.Problem(name, "libstdc++.so.6 is missing", "Install it, for example: apt-get install libstdc++6");
        var newest = ElfFile.Versions(path).Where(v => v.StartsWith("GLIBCXX_", StringComparison.Ordinal)).Select(Number).DefaultIfEmpty(new()).Max()!;
        var text = $"GLIBCXX_{newest} ({path})";
        if (newest < Number(OldestCpp)) return Finding.Problem(name, $"{text}, but TorchSharp's library needs {OldestCpp}", NewerSystem);
        if (newest >= Number(NativeBootstrap.NewCppVersion)) return Finding.Ok(name, text);
        return AllocatorSettings.Off(NativeBootstrap.PatchVariable)
            ? Finding.Problem(name, $"{text}, and {NativeBootstrap.PatchVariable}=0 turns off the patch that makes TorchSharp's library load with it",
                $"Unset {NativeBootstrap.PatchVariable}, or use a system with the libstdc++ of GCC 13 or later.")
            : Finding.Ok(name, $"{text}, older than {NativeBootstrap.NewCppVersion}: the copy of TorchSharp's library in memory is patched to load with it "
                + $"({NativeBootstrap.PatchVariable}=0 turns this off)");
    }

    /// <summary>The path of a library that is loaded, by a part of its path.</summary>
    private static string? Mapped(string part)
        => File.ReadLines("/proc/self/maps").FirstOrDefault(l => l.Contains(part, StringComparison.Ordinal)) is { } line ? line[line.IndexOf('/')..] : null;

    private static Version Number(string name) => Version.TryParse(name.AsSpan(name.IndexOf('_') + 1), out var version) ? version : new();

    [LibraryImport("libc.so.6")] private static partial IntPtr gnu_get_libc_version();
}

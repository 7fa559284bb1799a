using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace SkTuning.Native;

/// <summary>
/// Finds TorchSharp's native library where the default search fails: on Linux systems whose libstdc++ is older than that of GCC 13
/// (see <see cref="ElfVersionNeed"/>), and for a libtorch of the user's choice (<c>SK_LIBTORCH</c>). It works at run time, so
/// that <c>dotnet publish</c> needs no extra steps.
/// </summary>
internal static class NativeBootstrap
{
    private const string Library = "LibTorchSharp";
    private const string LibraryFile = "libLibTorchSharp.so";

    private static readonly Lock Gate = new();
    private static int _installed;
    private static IntPtr _handle;

    /// <summary>The path of the loaded native library, for <c>sktuning info</c>; null if the default search found it.</summary>
    public static string? LoadedFrom { get; private set; }

#pragma warning disable CA2255 // A module initializer in a library: the search must be in place before TorchSharp's static constructor runs.
    [ModuleInitializer]
    internal static void Install()
    {
        if (Interlocked.Exchange(ref _installed, 1) != 0 || !OperatingSystem.IsLinux()) return;
        AllocatorSettings.SetOpenMpWaitPolicy();
        // NativeLibrary.TryLoad in torch's static constructor and every DllImport("LibTorchSharp") raise this event last.
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name == Library ? Load() : IntPtr.Zero;
    }
#pragma warning restore CA2255

    /// <summary>Loads TorchSharp now. If libtorch is missing, the error names the package to add.</summary>
    public static void EnsureLoaded()
    {
        Install();
        using var work = ProcessEnd.Work();
        try
        {
            using var one = torch.ones(1);
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or NotSupportedException or EntryPointNotFoundException)
        {
            throw new SkTuningException(
                $"libtorch could not be loaded ({Reason(e)}). Add one line to your project file, for example " +
                $"<PackageReference Include=\"{PackageForThisSystem()}\" Version=\"2.10.0\" />, or set SK_LIBTORCH to a folder that contains libtorch.", e);
        }
    }

    private static string PackageForThisSystem()
        => OperatingSystem.IsWindows() ? "libtorch-cpu-win-x64" : OperatingSystem.IsMacOS() ? "libtorch-cpu-osx-arm64" : "libtorch-cpu-linux-x64";

    private static string Reason(Exception e)
    {
        while (e.InnerException is { } inner) e = inner;
        return e.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
    }

    private static IntPtr Load()
    {
        lock (Gate)
        {
            if (_handle != IntPtr.Zero) return _handle;
            foreach (var folder in Folders())
            {
                var source = Path.Combine(folder, LibraryFile);
                if (!File.Exists(source)) continue;
                // Loaded by full path first, these satisfy the dependencies of the library, wherever it is.
                foreach (var file in (string[])["libtorch_global_deps.so", "libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"])
                    if (Folders().Prepend(folder).Select(f => Path.Combine(f, file)).FirstOrDefault(File.Exists) is { } path)
                        NativeLibrary.TryLoad(path, out _);
                if (TryLoad(source)) return _handle;
            }
            return IntPtr.Zero;
        }
    }

    private static IEnumerable<string> Folders()
    {
        if (Environment.GetEnvironmentVariable("SK_LIBTORCH") is { Length: > 0 } chosen) yield return chosen;
        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string search)
            foreach (var folder in search.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
                yield return folder;
        yield return AppContext.BaseDirectory;
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
    }

    /// <summary>
    /// Loads the library, patched if need be. The patched copy has no file: the original may be a hard link into the package cache, and a copy with a known
    /// name in a shared folder could be replaced.
    /// </summary>
    private static bool TryLoad(string source)
    {
        var bytes = File.ReadAllBytes(source);
        if (ElfVersionNeed.Weaken(bytes, "GLIBCXX_3.4.32") && (_handle = PrivateLibrary.Load(LibraryFile, bytes)) != IntPtr.Zero)
            LoadedFrom = $"{source} (patched in memory)";
        else if (NativeLibrary.TryLoad(source, out _handle))
            LoadedFrom = source;
        return _handle != IntPtr.Zero;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace SkTuning.Native;

/// <summary>
/// Loads libtorch and TorchSharp's native library before TorchSharp does, which writes its search to the console when it fails. The files are checked first,
/// so that one that is missing, damaged or of another version is an error with the command that mends it. On Linux systems whose libstdc++ is older than that
/// of GCC 13, TorchSharp's library is patched in memory (see <see cref="ElfVersionNeed"/>).
/// </summary>
internal static class NativeBootstrap
{
    private const string Library = "LibTorchSharp";

    /// <summary>The switch for the patch in memory: 0 turns it off.</summary>
    public const string PatchVariable = "SK_NATIVE_PATCH";

    /// <summary>The version of the C++ library that TorchSharp's native library requires, although it uses nothing of it.</summary>
    public const string NewCppVersion = "GLIBCXX_3.4.32";

    private static readonly Lock Gate = new();
    private static int _installed;
    private static bool _works;
    private static IntPtr _handle;

    /// <summary>The path of the loaded native library, for <c>sktuning info</c>; null if the default search found it.</summary>
    public static string? LoadedFrom { get; private set; }

    /// <summary>Whether the loaded library was patched in memory.</summary>
    public static bool IsPatched { get; private set; }

#pragma warning disable CA2255 // A module initializer in a library: the search must be in place before TorchSharp's static constructor runs.
    [ModuleInitializer]
    internal static void Install()
    {
        if (Interlocked.Exchange(ref _installed, 1) != 0 || !OperatingSystem.IsLinux()) return;
        AllocatorSettings.SetOpenMpWaitPolicy();
        // For programs that call torch before this library does. It raises this event for LibTorchSharp after its own search.
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name == Library && Load(LibtorchFiles.Find()) is null ? _handle : IntPtr.Zero;
    }
#pragma warning restore CA2255

    /// <summary>Loads TorchSharp now.</summary>
    /// <exception cref="SkTuningException">It cannot be loaded; the message is one line that says why and what to do.</exception>
    public static void EnsureLoaded()
    {
        if (Volatile.Read(ref _works)) return;
        Install();
        if (TryLoad() is { } problem)
            throw new SkTuningException(problem.Message, problem.Detail is { } detail ? new DllNotFoundException(detail) : null);
    }

    /// <summary>Loads TorchSharp and computes with it. Returns what is wrong, or null.</summary>
    public static Finding? TryLoad()
    {
        var files = LibtorchFiles.Find();
        if ((OperatingSystem.IsLinux() ? Load(files) : files.Fault() is { } fault && !IsFoundBySystem() ? fault : null) is { } problem) return problem;
        using var work = ProcessEnd.Work();
        try
        {
            using var one = torch.ones(1);
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or NotSupportedException or EntryPointNotFoundException)
        {
            while (e.InnerException is { } inner) e = inner;
            return Finding.Problem("loading", "libtorch could not be loaded", LibtorchPackage.Advice, e.Message);
        }
        Volatile.Write(ref _works, true);
        return null;
    }

    /// <summary>Loads the files in the order of their dependencies, by full path: a library that is loaded is found by all that need its name.</summary>
    private static Finding? Load(LibtorchFiles files)
    {
        lock (Gate)
        {
            if (_handle != IntPtr.Zero) return null;
            if (files.Fault() is { } fault && !(files.Core is null && IsFoundBySystem())) return fault;
            if (files.Bindings is not { } bindings) return null;
            foreach (var path in files.Libraries)
                if (LoaderError(path, out _) is { } error && !path.Contains("cuda", StringComparison.OrdinalIgnoreCase)
                    && !path.Contains("global_deps", StringComparison.Ordinal))
                    return LoadingProblem.Of(path, error, files);
            var refused = LoaderError(bindings, out var handle);
            if (refused is not null && refused.Contains(NewCppVersion, StringComparison.Ordinal) && !AllocatorSettings.Off(PatchVariable)
                && Patched(bindings) is { } patched)
                (handle, refused, IsPatched) = (patched, null, true);
            if (refused is not null) return LoadingProblem.Of(bindings, refused, files);
            if (LoadingProblem.OfAnotherVersion(handle, bindings, files) is { } other) return other;
            (_handle, LoadedFrom) = (handle, IsPatched ? $"{bindings} (patched in memory)" : bindings);
            return null;
        }
    }

    /// <summary>
    /// The patched copy has no file: the original may be a hard link into the package cache, and a copy with a known name in a shared folder could be replaced.
    /// </summary>
    private static IntPtr? Patched(string source)
    {
        var bytes = File.ReadAllBytes(source);
        return ElfVersionNeed.Weaken(bytes, NewCppVersion) && PrivateLibrary.Load(Path.GetFileName(source), bytes) is var handle && handle != IntPtr.Zero
            ? handle : null;
    }

    /// <summary>Whether the system's own search, such as that of a configured folder of libraries, finds libtorch.</summary>
    private static bool IsFoundBySystem() => NativeLibrary.TryLoad(LibtorchPackage.File("torch_cpu"), out _);

    private static string? LoaderError(string path, out IntPtr handle)
    {
        handle = IntPtr.Zero;
        try
        {
            handle = NativeLibrary.Load(path);
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException) { return e.Message; }
    }
}

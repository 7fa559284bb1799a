using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SkTuning.Native;

/// <summary>
/// Loads a native library from bytes, without a file that another user could have made or could change. The bytes go to memory that has a file descriptor but
/// no name; where the system has no such memory, or does not run code from it, to a new file without a name. Both are loaded through the descriptor, so no path
/// is looked up, and nothing is left when the process ends, however it ends.
/// </summary>
internal static class PrivateLibrary
{
    private const uint CloseOnExec = 1, AllowSealing = 2, Executable = 16;
    private const int AddSeals = 1033, SealAgainstChange = 0x1 | 0x2 | 0x4 | 0x8;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// The descriptors of loaded libraries. They stay open: the loader remembers a library by its path, /proc/self/fd/N, so the number must not be used again.
    /// </summary>
    private static readonly List<SafeFileHandle> Loaded = [];

    /// <summary>Loads a library; zero if it cannot be loaded this way.</summary>
    /// <param name="name">The name to show in the list of the process's mappings.</param>
    /// <param name="bytes">The content of the library.</param>
    public static IntPtr Load(string name, byte[] bytes)
    {
        var handle = FromMemory(name, bytes);
        foreach (var folder in handle == IntPtr.Zero ? Folders() : [])
            if ((handle = FromNewFile(folder, bytes)) != IntPtr.Zero) break;
        return handle;
    }

    /// <summary>Loads a library from memory; zero where the system does not allow it.</summary>
    internal static IntPtr FromMemory(string name, byte[] bytes) => From(() => Memory(name), bytes);

    /// <summary>Loads a library from a new file in a folder; zero if it cannot be created, or code in it may not run. The file is already deleted.</summary>
    internal static IntPtr FromNewFile(string folder, byte[] bytes) => From(() =>
    {
        // An existing file, or a link, is never opened. Deleted before it has content, the file cannot be reached by its name.
        var path = Path.Combine(folder, $".sk-tuning-{Guid.NewGuid():N}");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        var file = new FileStream(path, options).SafeFileHandle;
        File.Delete(path);
        return file;
    }, bytes);

    private static IntPtr From(Func<SafeFileHandle?> create, byte[] bytes)
    {
        try
        {
            if (create() is not { IsInvalid: false } file) return IntPtr.Zero;
            RandomAccess.Write(file, bytes, 0);
            _ = fcntl(file, AddSeals, SealAgainstChange);                   // memory only; a file refuses it
            if (NativeLibrary.TryLoad($"/proc/self/fd/{file.DangerousGetHandle()}", out var handle))
            {
                lock (Loaded) Loaded.Add(file);
                return handle;
            }
            file.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException or EntryPointNotFoundException)
        {
            // The caller tries the next place.
        }
        return IntPtr.Zero;
    }

    /// <summary>Some systems require that code in memory is announced; kernels before 6.3 do not know the flag.</summary>
    private static SafeFileHandle? Memory(string name)
    {
        byte[] text = [.. Encoding.UTF8.GetBytes(name), 0];
        var file = memfd_create(text, CloseOnExec | AllowSealing | Executable);
        if (file < 0) file = memfd_create(text, CloseOnExec | AllowSealing);
        return file < 0 ? null : new(file, ownsHandle: true);
    }

    private static IEnumerable<string> Folders()
    {
        yield return Path.GetTempPath();
        // Not created here, and empty where there is no home.
        if (Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData) is { Length: > 0 } own) yield return own;
    }

    [DllImport("libc")] private static extern int memfd_create(byte[] name, uint flags);
    [DllImport("libc")] private static extern int fcntl(SafeFileHandle file, int command, int argument);
}

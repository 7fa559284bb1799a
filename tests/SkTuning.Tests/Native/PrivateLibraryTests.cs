using System.Runtime.InteropServices;
using SkTuning.Native;

namespace SkTuning.Tests.Native;

/// <summary>The patched native library is loaded without a file that anybody could have made or could change.</summary>
public sealed class PrivateLibraryTests
{
    /// <summary>A small library that belongs to the runtime.</summary>
    private static readonly string Runtime = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.IO.Compression.Native.so");

    [Fact]
    public void A_library_is_loaded_from_memory()
    {
        AssertUsable(PrivateLibrary.FromMemory("test.so", Bytes()));
        Assert.Equal(IntPtr.Zero, PrivateLibrary.FromMemory("test.so", [1, 2, 3]));
    }

    [Fact]
    public void A_library_is_loaded_from_a_new_file_that_is_gone_before_it_has_content()
    {
        var bytes = Bytes();
        using var folder = new TemporaryFolder();
        AssertUsable(PrivateLibrary.FromNewFile(folder.Path, bytes));
        Assert.Equal(IntPtr.Zero, PrivateLibrary.FromNewFile(folder.Path, [1, 2, 3]));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        Assert.Equal(IntPtr.Zero, PrivateLibrary.FromNewFile(folder["nowhere"], bytes));
        Assert.Equal(IntPtr.Zero, PrivateLibrary.FromNewFile("/dev/null", bytes));
    }

    [Fact]
    public void Nothing_named_after_the_library_is_in_a_folder_of_the_user_or_of_all_users()
    {
        Bytes();
        RuntimeSettings.Start();
        foreach (var root in (string[])[Path.GetTempPath(), Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)])
            if (root.Length > 0) Assert.Empty(Directory.GetFiles(root, ".sk-tuning-*"));
        var loaded = File.ReadLines("/proc/self/maps").Where(l => l.Contains("LibTorchSharp", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(loaded);
        Assert.DoesNotContain(loaded, l => l.Contains(Path.GetTempPath(), StringComparison.Ordinal) || l.Contains("/.local/", StringComparison.Ordinal));
    }

    private static byte[] Bytes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(Runtime), "only Linux needs a patched library");
        return File.ReadAllBytes(Runtime);
    }

    private static void AssertUsable(IntPtr library)
    {
        Assert.NotEqual(IntPtr.Zero, library);
        Assert.True(NativeLibrary.TryGetExport(library, "CompressionNative_Crc32", out _));
    }
}

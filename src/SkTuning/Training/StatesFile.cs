using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>A mapped temporary file of fp32 values, which has no name while it is used and disappears with the process.</summary>
internal static class StatesFile
{
    private const int SpareFactor = 2;

    /// <summary>Creates a file with all of its blocks allocated: writing to a mapping without a block on a full disk would end the process.</summary>
    /// <param name="bytes">The length of the file.</param>
    /// <param name="folder">The folder to create it in.</param>
    /// <returns>The path of the file; null if the disk does not have twice as much space, or the file cannot be created.</returns>
    public static string? Make(long bytes, string folder)
    {
        var file = Path.Combine(folder, $"sktuning-{Environment.ProcessId}-{Guid.NewGuid():N}.states");
        try
        {
            if (new DriveInfo(folder).AvailableFreeSpace / SpareFactor < bytes) return null;
            using var created = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, PreallocationSize = bytes });
            created.SetLength(bytes);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Delete(file);
            return null;
        }
    }

    /// <summary>Maps the file as a tensor outside any dispose scope.</summary>
    public static Tensor Map(string file, long rows, long columns)
    {
        using var scope = NewDisposeScope();
        try { return from_file(file, shared: true, size: rows * columns, dtype: ScalarType.Float32).view(rows, columns).DetachFromDisposeScope(); }
        finally
        {
            // The mapping keeps the data: without a name, no file remains however the process ends.
            if (!OperatingSystem.IsWindows()) Delete(file);
        }
    }

    /// <summary>Deletes the file if it exists and can be deleted.</summary>
    public static void Delete(string file)
    {
        try { File.Delete(file); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}

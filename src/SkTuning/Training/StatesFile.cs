using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Numbers in a mapped file that no one else sees and nothing leaves behind.</summary>
internal static class StatesFile
{
    private const int SpareParts = 2;

    /// <summary>A new file in a folder, with all of its blocks: writing to a mapping for which the disk has none left would end the process.</summary>
    /// <param name="bytes">Its length.</param>
    /// <param name="folder">Where.</param>
    /// <returns>Its name; null where the disk has no room for twice as much, or the file cannot be made.</returns>
    public static string? Make(long bytes, string folder)
    {
        var file = Path.Combine(folder, $"sktuning-{Environment.ProcessId}-{Guid.NewGuid():N}.states");
        try
        {
            if (new DriveInfo(folder).AvailableFreeSpace / SpareParts < bytes) return null;
            using var made = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, PreallocationSize = bytes });
            made.SetLength(bytes);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Delete(file);
            return null;
        }
    }

    /// <summary>The file as a tensor, outside any dispose scope.</summary>
    public static Tensor Map(string file, long rows, long columns)
    {
        using var scope = NewDisposeScope();
        try { return from_file(file, shared: true, size: rows * columns, dtype: ScalarType.Float32).view(rows, columns).DetachFromDisposeScope(); }
        finally
        {
            // The mapping keeps the file alive: without a name it cannot be left behind, whatever ends the process.
            if (!OperatingSystem.IsWindows()) Delete(file);
        }
    }

    /// <summary>Deletes it, if it is there and can be.</summary>
    public static void Delete(string file)
    {
        try { File.Delete(file); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}

using SkTuning.Adapters;

namespace SkTuning.Tool.Commands;

/// <summary>The folder that a training is to be saved to (--out).</summary>
internal static class AdapterTarget
{
    private const string Suffix = ".interrupted";

    /// <summary>Refuses a folder that an adapter cannot be saved to, before time is spent on training.</summary>
    /// <exception cref="SkTuningException">The folder holds other files, or a file of another program with the name of an adapter's.</exception>
    public static void Require(string folder) => AdapterFolder.RequireReplaceable(folder);

    /// <summary>
    /// Returns the folder to save an adapter to whose training was interrupted or diverged: another one if there is an adapter in the folder already, which
    /// may be a finished one.
    /// </summary>
    public static string ForIncomplete(string folder)
        => AdapterFolder.IsIn(folder) ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Suffix : folder;
}

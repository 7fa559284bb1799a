using System.Text.RegularExpressions;

namespace SkTuning.Server.Storage;

/// <summary>
/// The names of adapters, which are also names of folders on every system: lowercase, so that two of them never differ in case only, and without dots.
/// </summary>
internal static partial class AdapterName
{
    public const string Expected = "1 to 64 of a-z, 0-9, - and _, where the first is a letter or a digit";

    /// <summary>Returns true if a name can be used.</summary>
    public static bool IsValid(string? name) => name is not null && Pattern().IsMatch(name) && !DeviceOfWindows().IsMatch(name);

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9_-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();

    [GeneratedRegex(@"\A(con|prn|aux|nul|com[0-9]|lpt[0-9])\z", RegexOptions.CultureInvariant)]
    private static partial Regex DeviceOfWindows();
}

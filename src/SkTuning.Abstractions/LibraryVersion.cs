using System.Reflection;

namespace SkTuning;

/// <summary>The version of the library.</summary>
internal static class LibraryVersion
{
    /// <summary>The version of the packages, such as 0.2.0-preview.1, without the commit.</summary>
    public static string Text { get; }
        = typeof(LibraryVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}

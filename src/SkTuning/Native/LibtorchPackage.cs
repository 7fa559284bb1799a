using System.Runtime.InteropServices;

namespace SkTuning.Native;

/// <summary>The libtorch that the library needs on this system, and how to get it.</summary>
internal static class LibtorchPackage
{
    /// <summary>The version of libtorch that TorchSharp was built with. Another version lacks functions that it calls.</summary>
    public const string Version = "2.10.0";

    /// <summary>The version of TorchSharp.</summary>
    public const string BindingsVersion = "0.107.0";

    /// <summary>The package for this system; null if there is none.</summary>
    public static string? Name => System is "linux-x64" or "win-x64" or "win-arm64" or "osx-arm64" ? $"libtorch-cpu-{System}" : null;

    /// <summary>The system as .NET names it, for example linux-x64.</summary>
    public static string System { get; } =
        (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : IsMusl() ? "linux-musl-" : "linux-")
        + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>What to do if libtorch is missing. The tool, which cannot add packages, sets its own text.</summary>
    public static string Advice { get; set; } = Name is { } package
        ? $"Run: dotnet add package {package} --version {Version}"
        : IsMusl() ? "libtorch needs glibc: use an image of Debian or Ubuntu instead of Alpine."
        : $"TorchSharp {BindingsVersion} has no libtorch for {System}: use linux-x64, win-x64, win-arm64 or osx-arm64.";

    /// <summary>The file name of a native library on this system.</summary>
    public static string File(string name)
        => OperatingSystem.IsWindows() ? $"{name}.dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";

    private static bool IsMusl() => OperatingSystem.IsLinux() && RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);
}

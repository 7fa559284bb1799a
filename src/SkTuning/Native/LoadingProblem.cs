using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace SkTuning.Native;

/// <summary>Explains why the system's loader refused a library of libtorch, with what to do.</summary>
internal static partial class LoadingProblem
{
    /// <summary>Explains the loader's message about a file.</summary>
    public static Finding Of(string path, string error, LibtorchFiles files)
    {
        var file = Path.GetFileName(path);
        if (NotFound().Match(error) is { Success: true } notFound)
        {
            var missing = notFound.Groups[1].Value;
            var isPart = missing.StartsWith("libgomp-", StringComparison.Ordinal) || missing.StartsWith("libc10", StringComparison.Ordinal);
            return Problem($"{missing} is missing: {file} needs it",
                isPart ? files.Repair(path) : "Install it with the package manager of the system, or copy it to the folder of libtorch.", error);
        }
        if (NoVersion().Match(error) is { Success: true } version)
            return version.Groups[1].Value == NativeBootstrap.NewCppVersion && AllocatorSettings.Off(NativeBootstrap.PatchVariable)
                ? Problem($"{file} needs {version.Groups[1].Value}, which the libstdc++ of this system does not have, and {NativeBootstrap.PatchVariable}=0 "
                    + "turns the patch for it off", $"Unset {NativeBootstrap.PatchVariable}, or use a system with the libstdc++ of GCC 13 or later.", error)
                : Problem($"{file} needs {version.Groups[1].Value}, which this system does not have",
                    "Use a newer system, such as Debian 12 or Ubuntu 22.04.", error);
        return error.Contains("undefined symbol", StringComparison.Ordinal)
            ? AnotherVersion(path, Regex.Match(error, @"undefined symbol: (\S+)").Groups[1].Value, files, error)
            : Problem($"{file} could not be loaded", files.Repair(path), error);
    }

    /// <summary>
    /// Finds out whether a library lacks functions that TorchSharp calls. The loader looks them up when they are first called, and ends the process when one is
    /// missing.
    /// </summary>
    public static Finding? OfAnotherVersion(IntPtr library, string bindings, LibtorchFiles files)
    {
        var needed = ElfFile.NeededSymbols(bindings);
        var missing = needed.Where(s => !NativeLibrary.TryGetExport(library, s, out _)).Take(1).ToList();
        return missing.Count == 0 ? null : AnotherVersion(files.Core ?? bindings, missing[0], files, null);
    }

    private static Finding AnotherVersion(string path, string symbol, LibtorchFiles files, string? error)
        => Problem($"{path} is not libtorch {LibtorchPackage.Version}, which TorchSharp {LibtorchPackage.BindingsVersion} needs",
            files.IsChosen ? files.Repair(path) : LibtorchPackage.Advice, $"The function {symbol} is missing. {error}".TrimEnd());

    private static Finding Problem(string text, string advice, string? detail) => Finding.Problem("libtorch", text, advice, detail);

    [GeneratedRegex(@"([\w.+-]+\.so[\w.]*): cannot open shared object file")]
    private static partial Regex NotFound();

    [GeneratedRegex(@"version `(\w+?_[\d.]+)' not found")]
    private static partial Regex NoVersion();
}

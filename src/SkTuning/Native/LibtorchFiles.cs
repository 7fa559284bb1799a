using System.Diagnostics.CodeAnalysis;
using TorchSharp;

namespace SkTuning.Native;

/// <summary>
/// The files of libtorch that would be loaded: found by name, without loading anything. A folder in <c>SK_LIBTORCH</c> comes first, then where .NET looks for
/// native libraries, the program's folder, the package cache of notebooks, and <c>LD_LIBRARY_PATH</c>.
/// </summary>
internal sealed class LibtorchFiles
{
    /// <summary>The environment variable with the folder of the libtorch to use.</summary>
    public const string Variable = "SK_LIBTORCH";

    /// <summary>In the order in which they are loaded: what a later one needs is there before it.</summary>
    private static readonly string[] Names = ["torch_global_deps", "c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch"];

    private readonly string? _chosen;
    private readonly IReadOnlyList<string> _searched;

    private LibtorchFiles(string? chosen, IReadOnlyList<string> folders)
    {
        (_chosen, _searched) = (chosen, folders);
        Bindings = Find(folders, LibtorchPackage.File("LibTorchSharp"));
        Core = Find(folders, LibtorchPackage.File("torch_cpu"));
        // Parts of different libtorchs do not fit each other, so the folder of the main library comes first.
        IEnumerable<string> here = Core is null ? folders : [Path.GetDirectoryName(Core)!, .. folders];
        Libraries = [.. Names.Select(n => Find(here, LibtorchPackage.File(n))).OfType<string>()];
    }

    /// <summary>TorchSharp's native library; null if it was not found.</summary>
    public string? Bindings { get; }

    /// <summary>libtorch's main library; null if it was not found.</summary>
    public string? Core { get; }

    /// <summary>The libraries of libtorch that were found, in the order in which to load them.</summary>
    public IReadOnlyList<string> Libraries { get; }

    /// <summary>Whether <see cref="Variable"/> selects the libtorch.</summary>
    public bool IsChosen => _chosen is not null;

    /// <summary>Whether this libtorch can use NVIDIA GPUs.</summary>
    public bool IsCuda => Libraries.Any(l => Path.GetFileName(l) == LibtorchPackage.File("torch_cuda"));

    /// <summary>Finds the files for this process.</summary>
    public static LibtorchFiles Find()
        => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen ? In(chosen, [chosen, Path.Combine(chosen, "lib"), .. Folders()])
            : In(null, [.. Folders()]);

    /// <summary>Finds the files in folders, of which the first ones are the user's choice, if there is one.</summary>
    internal static LibtorchFiles In(string? chosen, IReadOnlyList<string> folders) => new(chosen, folders);

    /// <summary>Returns what prevents loading; null if the files look complete.</summary>
    public Finding? Fault()
    {
        var core = LibtorchPackage.File("torch_cpu");
        if (_chosen is not null && !Directory.Exists(_chosen))
            return Problem($"{Variable} is '{_chosen}', which is not a folder", $"Set it to the folder that contains {core}, or unset it.");
        if (_chosen is not null && Find([_chosen, Path.Combine(_chosen, "lib")], core) is null)
            return Problem($"{Variable} is '{_chosen}', which does not contain {core}", "Set it to the folder that contains it, or unset it.");
        var nowhere = $"It is in none of these folders: {string.Join(", ", _searched)}";
        if (Core is null) return Problem("libtorch is missing", LibtorchPackage.Advice, $"The main library is {core}. {nowhere}");
        if (OperatingSystem.IsLinux())
            foreach (var file in Bindings is null ? Libraries : [.. Libraries, Bindings])
                if (ElfFault(file) is { } fault)
                    return Problem($"{Path.GetFileName(file)} is damaged: {file} {fault}", Repair(file));
        foreach (var part in (string[])["c10", "torch"])
            if (!Libraries.Any(l => Path.GetFileName(l) == LibtorchPackage.File(part)))
                return Problem($"{LibtorchPackage.File(part)} is missing: it must be in the folder of {Core}", Repair(Core));
        if (Bindings is null)
            return Problem($"{LibtorchPackage.File("LibTorchSharp")} is missing",
                $"It comes with the package TorchSharp {LibtorchPackage.BindingsVersion}: publish for this system "
                + $"(dotnet publish -r {LibtorchPackage.System}), or copy the whole output folder.", nowhere);
        return null;
    }

    /// <summary>What to do with a file that is damaged or does not fit.</summary>
    public string Repair(string file)
    {
        if (_chosen is not null) return $"Copy libtorch {LibtorchPackage.Version} again, or unset {Variable}.";
        var package = file.Split(Path.DirectorySeparatorChar) is var parts && Array.LastIndexOf(parts, "runtimes") is > 1 and var at
            ? string.Join(Path.DirectorySeparatorChar, parts[..at]) : null;
        return package is not null && System.IO.File.Exists(Path.Combine(package, ".nupkg.metadata"))
            ? $"Delete the folder {package} and run: dotnet restore --force"
            : "Copy the file again: delete it, then build or publish. If it is damaged in the package cache as well, "
                + "run: dotnet nuget locals global-packages --clear";
    }

    /// <summary>The size of the libraries that would be loaded, in bytes.</summary>
    public long Size => Libraries.Sum(l => new FileInfo(l).Length);

    private static string? ElfFault(string file)
    {
        try { return ElfFile.Fault(file); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return $"cannot be read ({e.Message})"; }
    }

    private static Finding Problem(string text, string advice, string? detail = null) => Finding.Problem("libtorch", text, advice, detail);

    private static string? Find(IEnumerable<string> folders, string file)
        => folders.Select(f => Path.Combine(f, file)).FirstOrDefault(System.IO.File.Exists);

    private static IEnumerable<string> Folders()
    {
        foreach (var folder in Listed(AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string)) yield return folder;
        yield return AppContext.BaseDirectory;
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", LibtorchPackage.System, "native");
        foreach (var folder in PackageCache()) yield return folder;
        foreach (var folder in Listed(Environment.GetEnvironmentVariable(
                     OperatingSystem.IsWindows() ? "PATH" : OperatingSystem.IsMacOS() ? "DYLD_LIBRARY_PATH" : "LD_LIBRARY_PATH")))
            yield return folder;
    }

    private static string[] Listed(string? folders) => (folders ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "It is empty in a single file, which has no package cache.")]
    private static string BindingsAssembly => typeof(torch).Assembly.Location;

    /// <summary>
    /// Notebooks load TorchSharp.dll from the package cache: …/torchsharp/0.107.0/lib/net8.0/TorchSharp.dll. The native libraries are beside it.
    /// </summary>
    private static IEnumerable<string> PackageCache()
    {
        var assembly = BindingsAssembly;
        if (assembly.Length == 0 || Directory.GetParent(assembly)?.Parent is not { Name: "lib", Parent: { Parent: { } package } version }) yield break;
        if (!package.Name.Equals("torchsharp", StringComparison.OrdinalIgnoreCase) || package.Parent is null) yield break;
        yield return Path.Combine(version.FullName, "runtimes", LibtorchPackage.System, "native");
        if (LibtorchPackage.Name is { } name)
            yield return Path.Combine(package.Parent.FullName, name, LibtorchPackage.Version, "runtimes", LibtorchPackage.System, "native");
    }
}

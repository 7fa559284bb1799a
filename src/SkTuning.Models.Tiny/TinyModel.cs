using System.Diagnostics.CodeAnalysis;

namespace SkTuning;

/// <summary>
/// A small English language model that comes with this package, for trying SkTuning and for tests: llama architecture, 6.5 million parameters, 512 tokens. For
/// real work, choose a larger model.
/// </summary>
public static class TinyModel
{
    private const string Name = "SkTuning.Models.Tiny";

    /// <summary>Gets the path of the model's folder. It is a part of the program's folder, to which the build copies it.</summary>
    /// <exception cref="SkTuningException">The files of the model are missing.</exception>
    public static string Folder
        => Folders().FirstOrDefault(f => File.Exists(Path.Combine(f, "config.json")))
            ?? throw new SkTuningException($"{Path.Combine(AppContext.BaseDirectory, Name)}: the files of the model are missing. "
                + $"The package {Name} copies them when the program is built or published: copy the whole folder of the program.");

    /// <summary>Loads the model.</summary>
    /// <param name="options">Options such as device and precision; null for the defaults.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="SkTuningException">The files of the model are missing, or the native library cannot be loaded.</exception>
    public static FrozenModel Load(FrozenModelOptions? options = null) => FrozenModel.Load(Folder, options);

    /// <summary>The program's folder; and for notebooks and scripts, which load assemblies from the package cache, the package's own folder.</summary>
    private static IEnumerable<string> Folders()
    {
        yield return Path.Combine(AppContext.BaseDirectory, Name);
        if (Assembly is { Length: > 0 } assembly && Directory.GetParent(assembly)?.Parent is { Name: "lib", Parent: { } package })
            yield return Path.Combine(package.FullName, "model");
    }

    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "It is empty in a single file, which has no package cache.")]
    private static string Assembly => typeof(TinyModel).Assembly.Location;
}

using SkTuning.Checkpoints;
using static TorchSharp.torch;

namespace SkTuning.Tests;

/// <summary>
/// Fixture folders: <c>tests/fixtures</c> of the repository, or the folder named by SKTUNING_FIXTURES (same layout). Every fixture test runs on
/// whatever it finds there.
/// </summary>
internal static class Fixtures
{
    public static string Repository { get; } = FindRepository();

    public static string Root { get; } = Environment.GetEnvironmentVariable("SKTUNING_FIXTURES") is { Length: > 0 } chosen ? chosen
        : Path.Combine(Repository, "tests", "fixtures");

    /// <summary>A folder of things that are not in the repository, beside it; tests that need it are skipped where it is absent.</summary>
    public static string Shared { get; } = Path.GetFullPath(Path.Combine(Repository, "..", "shared"));

    public static string Tiny { get; } = Path.Combine(Repository, "assets", "models", "tiny");

    /// <summary>The path of an input that once went wrong.</summary>
    public static string Case(string name) => Path.Combine(Repository, "tests", "fixtures", "cases", name);

    /// <summary>A Llama of 2 layers and 22 words with random weights, 40 KB.</summary>
    public static string MicroModel => Case("micro-model");

    /// <summary>The names of the folders under <paramref name="kind"/> that hold all of <paramref name="files"/>.</summary>
    public static IEnumerable<string> Folders(string kind, params string[] files)
    {
        var root = Path.Combine(Root, kind);
        return !Directory.Exists(root) ? [] : Directory.GetDirectories(root).Where(f => files.All(n => File.Exists(Path.Combine(f, n))))
            .Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal);
    }

    /// <summary>All tensors of a safetensors file, and its metadata.</summary>
    public static (Dictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(string path)
    {
        using var file = new SafetensorsCheckpoint(path, copy: true);
        return (file.Entries.Keys.ToDictionary(k => k, k => file.Read(k).Here()), file.Metadata);
    }

    /// <summary>|a-b| is at most tolerance · max(1, |b|), everywhere; the largest difference is named.</summary>
    public static double AssertClose(Tensor expected, Tensor actual, string what, double tolerance = 1e-4)
    {
        Assert.True(expected.shape.SequenceEqual(actual.shape),
            $"{what}: shape [{string.Join(", ", actual.shape)}], expected [{string.Join(", ", expected.shape)}]");
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (a, b) = (actual.to_type(ScalarType.Float64).cpu(), expected.to_type(ScalarType.Float64).cpu());
        var worst = a.NumberOfElements == 0 ? 0 : ((a - b).abs() / b.abs().clamp_min(1)).max().item<double>();
        Assert.True(worst <= tolerance, $"{what}: differs by {worst:E2}, allowed {tolerance:E0}");
        return worst;
    }

    /// <summary>The same shape, dtype and bits.</summary>
    public static void AssertSame(Tensor expected, Tensor actual, string what)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.True(expected.shape.SequenceEqual(actual.shape),
            $"{what}: shape [{string.Join(", ", actual.shape)}], expected [{string.Join(", ", expected.shape)}]");
        if (expected.NumberOfElements == 0) return;
        Assert.True(expected.cpu().contiguous().bytes.SequenceEqual(actual.cpu().contiguous().bytes), $"{what}: not the same bits");
    }

    public static void SkipWithout(string path) => Assert.SkipUnless(Path.Exists(path), $"{Path.GetRelativePath(Repository, path)} is not here");

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SkTuning.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run inside the repository.");
    }
}

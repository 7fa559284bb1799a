using System.Text;

namespace SkTuning.Tests.Data;

/// <summary>A file for one test, deleted afterwards.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(string extension, byte[] content)
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName() + extension);
        File.WriteAllBytes(Path, content);
    }

    public TemporaryFile(string extension, string content) : this(extension, Encoding.UTF8.GetBytes(content)) { }

    public string Path { get; }

    public void Dispose() => File.Delete(Path);
}

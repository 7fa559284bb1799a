using System.IO.Compression;
using System.Text;

namespace SkTuning.ML;

/// <summary>An adapter's folder and the names of its columns as bytes. The same adapter always has the same bytes.</summary>
internal static class AdapterArchive
{
    private const string Text = "columns/text", Text2 = "columns/text2", Files = "files/";

    /// <summary>The earliest time that an archive can contain.</summary>
    private static readonly DateTimeOffset Time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static byte[] Pack(TextClassifier classifier, TextColumns columns)
    {
        using var bytes = new MemoryStream();
        InTemporaryFolder(folder =>
        {
            classifier.Save(folder);
            using var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true);
            Add(archive, Text, Encoding.UTF8.GetBytes(columns.Text));
            if (columns.Text2 is not null) Add(archive, Text2, Encoding.UTF8.GetBytes(columns.Text2));
            foreach (var file in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
                Add(archive, Files + Path.GetFileName(file), File.ReadAllBytes(file));
            return 0;
        });
        return bytes.ToArray();
    }

    /// <summary>Loads the adapter; the caller disposes it.</summary>
    public static (TextClassifier Classifier, TextColumns Columns) Unpack(byte[] bytes, FrozenModel model)
    {
        using var archive = new ZipArchive(new MemoryStream(bytes));
        var text = Read(archive, Text) ?? throw new SkTuningException("The pipeline's adapter has no text column. Save the pipeline again.");
        return InTemporaryFolder(folder =>
        {
            Directory.CreateDirectory(folder);
            foreach (var entry in archive.Entries.Where(e => e.FullName.StartsWith(Files, StringComparison.Ordinal)))
                entry.ExtractToFile(Path.Combine(folder, Path.GetFileName(entry.Name)));
            return (TextClassifier.Load(folder, model), new TextColumns(text, Read(archive, Text2)));
        });
    }

    private static void Add(ZipArchive archive, string name, byte[] content)
    {
        var entry = archive.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = Time;
        using var stream = entry.Open();
        stream.Write(content);
    }

    private static string? Read(ZipArchive archive, string name)
    {
        if (archive.GetEntry(name) is not { } entry) return null;
        using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static T InTemporaryFolder<T>(Func<string, T> use)
    {
        var parent = Directory.CreateTempSubdirectory("sktuning-");
        try
        {
            return use(Path.Combine(parent.FullName, "adapter"));
        }
        finally
        {
            parent.Delete(recursive: true);
        }
    }
}

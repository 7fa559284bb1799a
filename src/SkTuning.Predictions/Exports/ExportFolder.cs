using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SkTuning.Exports;

/// <summary>
/// The files of an export, and the checksum that the end of model.onnx holds of them. A model file is a protobuf message: one more entry of its metadata can be
/// appended. ONNX Runtime never reads a file that was changed after it was written.
/// </summary>
internal static class ExportFolder
{
    /// <summary>The graph, weights of more than 2 GB, and the tensors of the task.</summary>
    public const string ModelFile = "model.onnx", DataFile = "model.onnx.data", TensorsFile = "adapter.safetensors";

    /// <summary>The description of an adapter that was written without the graph.</summary>
    public const string DescriptionFile = "exported.json";

    /// <summary>The key of the checksum in the metadata.</summary>
    public const string ChecksumKey = "sktuning.checksum";

    private const string Advice = "The file was changed or is not complete: export the adapter again, or copy the whole folder.";

    /// <summary>True if a folder has the files of an export.</summary>
    public static bool IsExport(string folder) => File.Exists(Path.Combine(folder, ModelFile));

    /// <summary>True if a folder has an adapter that was written without the graph.</summary>
    public static bool IsAdapter(string folder) => File.Exists(Path.Combine(folder, DescriptionFile));

    /// <summary>Refuses a folder whose model.onnx comes from another program.</summary>
    /// <exception cref="SkTuningFileException">The file does not end as an export does.</exception>
    public static void RequireOwn(string folder)
    {
        var path = Path.Combine(folder, ModelFile);
        if (End(path) is null) throw SkTuningException.BadFile(path, null, "a file of another program", "an export to replace", "Choose another folder.");
    }

    /// <summary>Appends the checksum to model.onnx. All files of the export must have been written.</summary>
    public static void Seal(string folder)
    {
        var path = Path.Combine(folder, ModelFile);
        var entry = Entry(Checksum(folder, new FileInfo(path).Length));
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.None);
        file.Write(entry);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Refuses an export whose files are not those that were written.</summary>
    /// <exception cref="SkTuningFileException">A file is missing, or the checksum is missing or not that of the files.</exception>
    public static void RequireIntact(string folder)
    {
        var path = Path.Combine(folder, ModelFile);
        if (!Directory.Exists(folder))
            throw SkTuningException.BadFile(folder, null, File.Exists(folder) ? "a file" : SkTuningFileException.Nothing,
                $"the folder of an exported adapter, with {ModelFile}");
        var (held, bytes) = End(path) ?? throw SkTuningException.BadFile(path, ChecksumKey, "missing at the end of the file",
            "the checksum that an export ends with", "The file was changed, is not complete, or is not an export of SkTuning: export the adapter again.");
        if (Checksum(folder, bytes) != held)
            throw SkTuningException.BadFile(path, ChecksumKey, $"not that of {string.Join(", ", Files(folder))}", "the checksum that was written", Advice);
    }

    /// <summary>Writes the description of an adapter without the graph, with the checksum of its tensors.</summary>
    public static void WriteDescription(ExportedAdapter exported, string folder)
    {
        var json = new JsonObject
        {
            [ChecksumKey] = OfFile(Path.Combine(folder, TensorsFile)),
            [ExportedAdapter.FormatKey] = ExportedAdapter.Version,
            [ExportedAdapter.MetadataKey] = exported.ToJson(),
        };
        File.WriteAllText(Path.Combine(folder, DescriptionFile), json.ToJsonString());
    }

    /// <summary>Reads an adapter that was written without the graph.</summary>
    /// <exception cref="SkTuningFileException">A file is missing, damaged, or was changed.</exception>
    public static ExportedAdapter ReadDescription(string folder)
    {
        var (path, tensors) = (Path.Combine(folder, DescriptionFile), Path.Combine(folder, TensorsFile));
        var json = JsonInput.ParseObject(Encoding.UTF8.GetString(InputFile.ReadAllBytes(path)), path);
        var keys = new JsonKeys(json, path);
        var (checksum, format, text) = (keys.Text(ChecksumKey), keys.Text(ExportedAdapter.FormatKey), keys.Text(ExportedAdapter.MetadataKey));
        keys.RequireNoOthers();
        if (format != ExportedAdapter.Version)
            throw SkTuningException.BadFile(path, ExportedAdapter.FormatKey, format, ExportedAdapter.Version,
                "Use the SkTuning version that wrote it, or a newer one.");
        if (OfFile(tensors) != checksum)
            throw SkTuningException.BadFile(path, ChecksumKey, $"not that of {TensorsFile}", "the checksum that was written", Advice);
        return ExportedAdapter.Parse(text, path).With(TensorFile.Read(tensors));
    }

    private static string OfFile(string path)
    {
        using var file = InputFile.Open(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Returns the checksum that a file ends with, and the number of bytes before it; null if there is none.</summary>
    private static (string Checksum, long Bytes)? End(string path)
    {
        var entry = Entry(new('0', 2 * SHA256.HashSizeInBytes));
        var found = new byte[entry.Length];
        using var file = InputFile.Open(path);
        var bytes = file.Length - entry.Length;
        if (bytes <= 0) return null;
        file.Position = bytes;
        file.ReadExactly(found);
        var start = entry.Length - 2 * SHA256.HashSizeInBytes;
        return found.AsSpan(0, start).SequenceEqual(entry.AsSpan(0, start)) ? (Encoding.ASCII.GetString(found, start, found.Length - start), bytes) : null;
    }

    private static IEnumerable<string> Files(string folder)
        => [ModelFile, .. ((string[])[DataFile, TensorsFile]).Where(f => File.Exists(Path.Combine(folder, f)))];

    /// <summary>Returns the SHA-256 of the first bytes of model.onnx and of the other files, in hexadecimal.</summary>
    private static string Checksum(string folder, long modelBytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        foreach (var name in Files(folder))
        {
            using var file = InputFile.Open(Path.Combine(folder, name), bufferSize: 0, FileOptions.SequentialScan);
            for (var left = name == ModelFile ? modelBytes : long.MaxValue; left > 0;)
            {
                var read = file.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
                if (read == 0) break;
                hash.AppendData(buffer, 0, read);
                left -= read;
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Returns the bytes of an entry in ModelProto.metadata_props (14), with a key (1) and a value (2), each shorter than 128 bytes.</summary>
    private static byte[] Entry(string checksum)
        => [0x72, (byte)(ChecksumKey.Length + checksum.Length + 4), 0x0A, (byte)ChecksumKey.Length, .. Encoding.ASCII.GetBytes(ChecksumKey),
            0x12, (byte)checksum.Length, .. Encoding.ASCII.GetBytes(checksum)];
}

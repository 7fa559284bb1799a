using System.Text;
using System.Text.Json;
using SkTuning.Checkpoints.Gguf;
using SkTuning.Tokenizers.Sources;
using static TorchSharp.torch;

namespace SkTuning.Models.Gguf;

/// <summary>A GGUF file as a Hugging Face model: config.json, checkpoint and tokenizer.</summary>
internal sealed class GgufModel : IDisposable
{
    private GgufModel(GgufCheckpoint stored)
    {
        Stored = stored;
        var architecture = GgufArchitecture.Of(stored.File);
        var settings = new GgufSettings(stored.File, architecture.Name);
        Architecture = architecture.Name;
        Tokenizer = settings.Tokenizer;
        Checkpoint = new GgufModelCheckpoint(stored, architecture, settings);
        ConfigJson = Write(architecture, settings);
    }

    /// <summary>Opens a GGUF file.</summary>
    /// <param name="path">The file, or a folder with one .gguf file.</param>
    /// <param name="copy">Whether to copy each tensor into memory, so that the file may change while the model is in use.</param>
    /// <param name="expandTo">The type of quantized tensors when read: fp32, bf16 or fp16.</param>
    public static GgufModel Open(string path, bool copy = false, ScalarType expandTo = ScalarType.Float32)
    {
        var stored = GgufCheckpoint.Open(Directory.Exists(path) ? OnlyFile(path) : path, copy, expandTo);
        try { return new(stored); }
        catch { stored.Dispose(); throw; }
    }

    /// <summary>The value of <c>general.architecture</c>.</summary>
    public string Architecture { get; }

    /// <summary>The config.json of the model, as far as this library reads it, in the style of transformers 5.</summary>
    public string ConfigJson { get; }

    /// <summary>The tensors with the names and values of the original Hugging Face checkpoint.</summary>
    public GgufModelCheckpoint Checkpoint { get; }

    /// <summary>The tensors of the file.</summary>
    public GgufCheckpoint Stored { get; }

    /// <summary>The file's tokenizer entries, or null where it has none.</summary>
    public GgufTokenizer? Tokenizer { get; }

    public void Dispose() => Checkpoint.Dispose();

    private static string OnlyFile(string folder)
    {
        var files = FileAccessErrors.Explain(folder, () => Directory.GetFiles(folder, "*.gguf").Order(StringComparer.Ordinal).ToArray());
        return files.Length == 1 ? files[0] : throw SkTuningException.BadFile(folder, null,
            files.Length == 0 ? "no .gguf file" : string.Join(", ", files.Select(Path.GetFileName)), "one .gguf file", "Pass the path of the file itself.");
    }

    private static string Write(GgufArchitecture architecture, GgufSettings settings)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            architecture.WriteConfig(json, settings);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}

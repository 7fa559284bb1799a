using System.Text.Json;
using SkTuning.Checkpoints.Gguf;
using SkTuning.Models.Families;

namespace SkTuning.Models.Gguf;

/// <summary>
/// Describes the GGUF files of a family: the names of their tensors, the changes that llama.cpp's converter made to them, and the config.json that follows from
/// their settings. Source of names and changes: github.com/ggml-org/llama.cpp, convert_hf_to_gguf.py and gguf-py/gguf/tensor_mapping.py.
/// </summary>
/// <param name="Name">The value of <c>general.architecture</c>.</param>
internal sealed record GgufArchitecture(string Name)
{
    /// <summary>The names in the Hugging Face checkpoint, from which the table of GGUF names follows (<see cref="GgufNames"/>).</summary>
    public required WeightNames Weights { get; init; }

    /// <summary>Names of tensors in a layer that differ from the common table, by their GGUF name without layer and ending.</summary>
    public Func<GgufSettings, IReadOnlyDictionary<string, string>>? OtherNames { get; init; }

    /// <summary>
    /// Returns the change that undoes what the converter did to a tensor, by its GGUF name without layer and ending. Null: the converter changes no tensor.
    /// </summary>
    public Func<string, GgufTensor, GgufSettings, TensorChange>? Change { get; init; }

    /// <summary>The start of the names of tensors that the file holds and this library does not use.</summary>
    public string? UnusedPrefix { get; init; }

    /// <summary>Writes the members of config.json.</summary>
    public required Action<Utf8JsonWriter, GgufSettings> WriteConfig { get; init; }

    /// <summary>Returns whether a tensor is not a weight of the model: the config has its values already, or nothing here needs it.</summary>
    public bool Ignores(string name)
        => name is "rope_freqs.weight" or "rope_factors_long.weight" or "rope_factors_short.weight"
            || name.EndsWith(".attn_rot_embd", StringComparison.Ordinal)
            || UnusedPrefix is not null && name.StartsWith(UnusedPrefix, StringComparison.Ordinal);

    /// <summary>Returns the architecture that a file names.</summary>
    public static GgufArchitecture Of(GgufFile file)
    {
        const string key = "general.architecture";
        if (file.Metadata.StringOrNull("general.type") is { } type && type != "model")
            throw SkTuningException.BadFile(file.Path, "general.type", $"'{type}'", "'model'");
        var name = file.Metadata.String(key);
        var all = ModelFamily.All.Select(f => f.Gguf).OfType<GgufArchitecture>().OrderBy(a => a.Name, StringComparer.Ordinal).ToList();
        return all.FirstOrDefault(a => a.Name == name)
            ?? throw SkTuningException.BadFile(file.Path, key, $"'{name}'", $"one of {string.Join(", ", all.Select(a => a.Name))}",
                "Use the model's safetensors folder instead.");
    }
}

using System.Text.Json;
using SkTuning.Models;

namespace SkTuning.Checkpoints.Gguf.Architectures;

/// <summary>
/// One <c>general.architecture</c>: the tensors' names in the Hugging Face checkpoint, what llama.cpp's converter changed in them, and the config.json that
/// belongs to them. Source of names and changes: github.com/ggml-org/llama.cpp, convert_hf_to_gguf.py and gguf-py/gguf/tensor_mapping.py.
/// </summary>
internal abstract class GgufArchitecture
{
    public abstract string Name { get; }

    /// <summary>What stands before the layer's number: <c>model.layers</c>.</summary>
    public abstract string LayerPrefix { get; }

    /// <summary>Tensors outside the layers, without <c>.weight</c> or <c>.bias</c>.</summary>
    public abstract IReadOnlyDictionary<string, string> Whole { get; }

    /// <summary>Tensors of a layer, without <c>.weight</c> or <c>.bias</c>.</summary>
    public abstract IReadOnlyDictionary<string, string> Layer(GgufSettings settings);

    /// <summary>What the converter changed in a tensor, undone; by its GGUF name without layer and ending.</summary>
    public virtual TensorChange Change(string part, GgufTensor tensor, GgufSettings settings) => TensorChange.None;

    /// <summary>The tensors that one of a layer becomes; one, but for stacks.</summary>
    public virtual IEnumerable<(string Name, TensorChange Change)> Expand(string name, string part, GgufTensor tensor, GgufSettings settings)
        => [(name, Change(part, tensor, settings))];

    /// <summary>A tensor that is no weight of the model: it is in the config, or nothing here needs it.</summary>
    public virtual bool Ignores(string name) => name is "rope_freqs.weight" or "rope_factors_long.weight" or "rope_factors_short.weight" || name.EndsWith(".attn_rot_embd", StringComparison.Ordinal);

    /// <summary>Writes the members of config.json.</summary>
    public abstract void WriteConfig(Utf8JsonWriter json, GgufSettings settings);

    private static readonly GgufArchitecture[] All =
    [
        new Llama(), new Qwen2(), new Qwen3(), new Gemma(), new Gemma2(), new Gemma3(), new Phi3(), new Gpt2(), new Falcon(), new Bloom(), new Bert(), new Starcoder2(), new StableLm(), new Olmo2(),
    ];

    /// <summary>The architecture that the file names.</summary>
    public static GgufArchitecture Of(GgufFile file)
    {
        const string key = "general.architecture";
        if (file.Metadata.StringOrNull("general.type") is { } type && type != "model")
            throw SkTuningException.BadFile(file.Path, "general.type", $"'{type}'", "'model'");
        var name = file.Metadata.String(key);
        return All.FirstOrDefault(a => a.Name == name)
            ?? throw SkTuningException.BadFile(file.Path, key, $"'{name}'", $"one of {string.Join(", ", All.Select(a => a.Name))}", "Use the model's safetensors folder instead.");
    }

    /// <summary>
    /// llama.cpp's Llama code rotates neighbouring values (2j, 2j+1) of a head, Hugging Face's rotates j and j + half: the converter laid the rows of q and k
    /// the other way.
    /// </summary>
    protected static TensorChange RotatedByPairs(GgufTensor tensor, int heads, GgufSettings settings)
    {
        var size = CheckedRows(tensor, heads, settings);
        if (size % 2 != 0) throw SkTuningException.BadFile(settings.File.Path, tensor.Name, tensor.ShapeText, "an even size of a head");
        return new TensorChange.Rows(() =>
        {
            var order = new int[heads * size];
            for (var head = 0; head < heads; head++)
                for (var half = 0; half < 2; half++)
                    for (var j = 0; j < size / 2; j++)
                        order[head * size + half * (size / 2) + j] = head * size + 2 * j + half;
            return order;
        });
    }

    /// <summary>
    /// The file has all queries, all keys, all values one after the other; the checkpoint has for each group of heads its queries, key and value.
    /// </summary>
    protected static TensorChange FusedByGroup(GgufTensor tensor, int heads, int groups, GgufSettings settings)
    {
        var size = CheckedRows(tensor, heads + 2 * groups, settings);
        return new TensorChange.Rows(() =>
        {
            var order = new int[(heads + 2 * groups) * size];
            var (at, queries) = (0, heads / groups);
            for (var group = 0; group < groups; group++)
                for (var j = 0; j < queries + 2; j++)
                {
                    var head = j < queries ? group * queries + j : heads + (j - queries) * groups + group;
                    for (var i = 0; i < size; i++) order[at++] = head * size + i;
                }
            return order;
        });
    }

    /// <summary>The rows of one of <paramref name="parts"/>.</summary>
    private static int CheckedRows(GgufTensor tensor, int parts, GgufSettings settings)
    {
        var rows = tensor.Shape.Length is 1 or 2 ? tensor.Shape[0] : 0;
        if (rows < parts || rows % parts != 0 || rows > int.MaxValue)
            throw SkTuningException.BadFile(settings.File.Path, tensor.Name, tensor.ShapeText, $"a number of rows that {parts} divides");
        return (int)(rows / parts);
    }
}

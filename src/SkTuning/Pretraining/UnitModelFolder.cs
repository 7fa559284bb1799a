using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Checkpoints;
using SkTuning.Models;
using SkTuning.Models.Families;
using static TorchSharp.torch;

namespace SkTuning.Pretraining;

/// <summary>
/// Writes a new model of units in Hugging Face's layout: the plainest form of a Llama, and a tokenizer whose words are the units. The id of a unit is the
/// unit itself; the ids after the last unit are those of <see cref="Start"/> and <see cref="Unknown"/>.
/// </summary>
/// <param name="units">The number of units.</param>
/// <param name="options">The sizes.</param>
internal sealed class UnitModelFolder(int units, UnitModelOptions options)
{
    /// <summary>The token before every sequence.</summary>
    public const string Start = "<s>";

    /// <summary>The token for words that are not units, such as those of a prompt. No sequence has it in training.</summary>
    public const string Unknown = "<unk>";

    private const string ConfigFile = "config.json", WeightsFile = "model.safetensors";

    private const int InnerUnit = 32;

    /// <summary>What the folder may be: a new one, or an empty one.</summary>
    public static FolderContent Content { get; } = new("a model", [WeightsFile, "tokenizer.json", "tokenizer_config.json", ConfigFile],
        folder => throw SkTuningException.BadFile(folder, null, "a folder with a model", "a new folder or an empty one", "Choose another name."))
    {
        Last = ConfigFile,
    };

    /// <summary>The number of tokens, units and others.</summary>
    public int Vocabulary => units + 2;

    /// <summary>The number of weights.</summary>
    public long Weights => Tensors("").Sum(t => t.Shape.Aggregate(1L, (product, size) => product * size));

    /// <summary>The id of <see cref="Start"/>.</summary>
    public int StartId => units;

    /// <summary>The size of the feed-forward layers: 8/3 of the hidden size, as in Llama.</summary>
    private int Inner => (options.Hidden * 8 / 3 + InnerUnit - 1) / InnerUnit * InnerUnit;

    private NewLlama Model => new(Vocabulary, options.Hidden, Inner, options.Layers, options.Hidden / UnitModelOptions.HeadSize, options.Context, StartId);

    /// <summary>Writes the model with random weights, which depend on the seed as those of <see cref="FrozenModelOptions.RandomWeights"/> do.</summary>
    public void WriteNew(string folder)
    {
        File.WriteAllText(Path.Combine(folder, ConfigFile), Model.Config().ToJsonString(Written) + "\n");
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), Tokenizer().ToJsonString(Written) + "\n");
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), new JsonObject
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast", ["bos_token"] = Start, ["unk_token"] = Unknown, ["model_max_length"] = options.Context,
        }.ToJsonString(Written) + "\n");
        using var random = new RandomCheckpoint(folder, Tensors(folder).ToDictionary(t => t.Name, StringComparer.Ordinal), RandomCheckpoint.DefaultDeviation,
            normsAddOne: false, options.Seed);
        SafetensorsWriter.Write(Path.Combine(folder, WeightsFile),
            [.. Tensors(folder).Select(t => new TensorToWrite(t.Name, ScalarType.Float32, t.Shape, () => Value(t.Name)))]);

        Tensor Value(string name)
        {
            using var value = random.Read(name);
            return value.clone();
        }
    }

    /// <summary>Replaces the weights.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="weights">Returns a weight by its canonical name.</param>
    public void WriteWeights(string folder, Func<string, Tensor> weights)
        => SafetensorsWriter.Write(Path.Combine(folder, WeightsFile), [.. Tensors(folder).Select(t => (t.Name, weights(t.Name[NewLlama.Prefix.Length..])))]);

    private static System.Text.Json.JsonSerializerOptions Written { get; } = new() { WriteIndented = true, NewLine = "\n" };

    private JsonObject Tokenizer()
    {
        var vocabulary = new JsonObject();
        foreach (var unit in Enumerable.Range(0, units)) vocabulary[FormattableString.Invariant($"{unit}")] = unit;
        (vocabulary[Start], vocabulary[Unknown]) = (StartId, StartId + 1);
        return new()
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray(Added(Start, StartId), Added(Unknown, StartId + 1)),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "WhitespaceSplit" },
            ["post_processor"] = new JsonObject
            {
                ["type"] = "TemplateProcessing",
                ["single"] = new JsonArray(Piece("SpecialToken", Start), Piece("Sequence", "A")),
                ["pair"] = new JsonArray(Piece("SpecialToken", Start), Piece("Sequence", "A"), Piece("Sequence", "B")),
                ["special_tokens"] = new JsonObject
                {
                    [Start] = new JsonObject { ["id"] = Start, ["ids"] = new JsonArray(StartId), ["tokens"] = new JsonArray(Start) },
                },
            },
            ["decoder"] = null,
            ["model"] = new JsonObject { ["type"] = "WordLevel", ["vocab"] = vocabulary, ["unk_token"] = Unknown },
        };

        static JsonObject Piece(string kind, string id) => new() { [kind] = new JsonObject { ["id"] = id, ["type_id"] = 0 } };

        static JsonObject Added(string token, int id) => new()
        {
            ["id"] = id, ["content"] = token, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false, ["special"] = true,
        };
    }

    private IEnumerable<TensorEntry> Tensors(string folder) => Model.Tensors(Path.Combine(folder, WeightsFile));
}

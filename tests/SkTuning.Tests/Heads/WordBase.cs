using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Models;
using SkTuning.Tests.Models;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Tests.Heads;

/// <summary>A fixture's model with its head, and a tokenizer whose words are the ids themselves ("w5 w17"); "[MASK]" is id 4.</summary>
internal sealed class WordBase : IDisposable
{
    public const string Cue = "{text} w9 w10", AtMask = "w11 {text} w9 [ {mask}";
    public const int Mask = 4;

    private readonly ModelFolder _folder;

    /// <param name="family">Its folder.</param>
    /// <param name="kind">models, or mlm: encoders with their masked-LM head.</param>
    /// <param name="edit">Changes config.json.</param>
    public WordBase(string family, string kind = "models", Action<JsonObject>? edit = null)
    {
        _folder = ModelFolder.From(Path.Combine(Fixtures.Root, kind, family), edit);
        var size = (int)JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.Location, "config.json")))!["vocab_size"]!;
        var vocabulary = new JsonObject(Enumerable.Range(0, size)
            .Select(i => KeyValuePair.Create(i == Mask ? "[MASK]" : i == 0 ? "[UNK]" : i == 3 ? "[" : $"w{i}", (JsonNode?)i)));
        File.WriteAllText(Path.Combine(_folder.Location, "tokenizer.json"), new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(new JsonObject
            {
                ["id"] = Mask,
                ["content"] = "[MASK]",
                ["special"] = true,
                ["lstrip"] = true,
                ["rstrip"] = false,
                ["normalized"] = false,
                ["single_word"] = false,
            }),
            ["pre_tokenizer"] = new JsonObject { ["type"] = "WhitespaceSplit" },
            ["model"] = new JsonObject { ["type"] = "WordLevel", ["unk_token"] = "[UNK]", ["vocab"] = vocabulary },
        }.ToJsonString());
        File.WriteAllText(Path.Combine(_folder.Location, "tokenizer_config.json"), """{"mask_token": "[MASK]", "unk_token": "[UNK]"}""");
        Model = FrozenModel.Load(_folder.Location, new() { Device = "cpu", CopyWeights = true });
    }

    public FrozenModel Model { get; }

    public Transformer Transformer => Model.Transformer;

    public static IReadOnlyDictionary<string, string> Words { get; } = new Dictionary<string, string> { ["good"] = "w40", ["bad"] = "w50", ["so-so"] = "w60" };

    /// <summary>Words of one to three tokens, some of which begin alike.</summary>
    public static IReadOnlyDictionary<string, string> LongWords { get; }
        = new Dictionary<string, string> { ["good"] = "w40 w41", ["bad"] = "w50", ["so-so"] = "w40 w42 w43" };

    public static IReadOnlyList<Row> Rows { get; } = [.. Enumerable.Range(0, 12).Select(i => new Row(
        string.Join(' ', Enumerable.Range(0, 2 + i % 4).Select(t => $"w{20 + (i * 7 + t * 3) % 90}")) + $" w{(i % 3) + 100}",
            i % 3 == 0 ? "good" : i % 3 == 1 ? "bad" : "so-so"))];

    public TextClassifierOptions Options(TuningOptions method, HeadOptions? head) => new()
    {
        Method = method,
        Head = head,
        Template = Model.Config.Causal ? Cue : AtMask,
        LabelWords = head is LikelihoodHeadOptions ? LongWords : head is null or LabelWordsHeadOptions
        ? (head is null && !method.FreezesHead ? null : Words) : null,
        Prompt = method.ReadsPrompt ? "w7 w8" : "",
        Dev = Rows,
        Training = new() { Epochs = 2, BatchSize = 4, LearningRate = 1e-2 },
    };

    /// <summary>An adapter before its first step.</summary>
    public AdapterModel Untrained(TextClassifierOptions options)
    {
        var labels = LabelSet.Of(Rows);
        return new(Model, AdapterPlan.Create(Model, options, SingleLabelTask.Untrained, labels));
    }

    /// <summary>The rows as an adapter reads them.</summary>
    public static IReadOnlyList<EncodedRow> Encoded(AdapterModel runtime)
        => [.. Rows.Select(r => runtime.Encoder.Encode(r.Text) with { Classes = [runtime.Labels.GetIndex(r.Label)] })];

    /// <summary>The tokens of a text of words.</summary>
    public static int[] Ids(string words) => [.. words.Split(' ').Select(w => w == "[" ? 3 : w == "[MASK]" ? Mask : int.Parse(w.AsSpan(1)))];

    /// <summary>The states of one row alone, computed directly.</summary>
    public Tensor States(int[] ids, Injection? injection = null)
        => Transformer.Forward(new() { Ids = tensor(ids.Select(i => (long)i).ToArray(), [1, ids.Length]), Injection = injection ?? Injection.None }).Text[0];

    /// <summary>The mean log-probability of answer tokens after a row, from the scores of the whole vocabulary.</summary>
    public double Likelihood(int[] row, int[] answer, Injection? injection = null)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var all = Transformer.Logits(States([.. row, .. answer], injection)).to_type(ScalarType.Float64).log_softmax(-1);
        return answer.Index().Average(a => all[row.Length - 1 + a.Index, a.Item].item<double>());
    }

    public void Dispose()
    {
        Model.Dispose();
        _folder.Dispose();
    }
}

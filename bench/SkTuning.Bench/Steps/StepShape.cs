using System.Text;
using SkTuning.Models;
using SkTuning.Models.Families;
using static TorchSharp.torch;

namespace SkTuning.Bench.Steps;

/// <summary>
/// The sizes of a model with random weights. The vocabulary is small, because a step only looks up embeddings and has no language-model head.
/// </summary>
internal sealed record StepShape(string Name, bool Causal, int Layers, int Hidden, int Heads, int KeyValueHeads, int Inner)
{
    public const int Vocabulary = 2048;
    private const int Context = 512;

    public static IReadOnlyList<StepShape> All { get; } =
    [
        new("minilm", false, 6, 384, 12, 12, 1536),
        new("smollm2", true, 30, 576, 9, 3, 1536),
        new("tiny", true, 6, 256, 4, 2, 704),
    ];

    public int HeadSize => Hidden / Heads;

    public static StepShape Named(string name) => All.FirstOrDefault(s => s.Name == name)
        ?? throw new SkTuningException($"There are no sizes named '{name}', expected {string.Join(", ", All.Select(s => s.Name))}.");

    /// <summary>Creates a model of these sizes. Models of both precisions have the same weights.</summary>
    public (Transformer Transformer, WeightNames Names, IReadOnlyDictionary<string, Tensor> Weights) Create(Precision precision, Device device)
    {
        using var off = no_grad();
        var json = ConfigJson.Parse("config.json", Encoding.UTF8.GetBytes(Causal ? Llama : Bert));
        var family = ModelFamily.Of(json);
        var config = family.Read(json);
        var names = family.Weights(config);
        using var checkpoint = new RandomCheckpoint(Tensors());
        var reader = new WeightReader(checkpoint, names, precision.Compute(), device, config.Head.Tied);
        var transformer = new Transformer(reader, config, names, precision.Compute());
        var weights = transformer.Replaceable.ToDictionary(StringComparer.Ordinal);
        foreach (var (name, value) in reader.Taken) weights.TryAdd(name, value);                        // the embeddings
        return (transformer, names, weights);
    }

    /// <summary>The number of multiplications and additions in the matrix products of a step, forward and backward to the trained parameters.</summary>
    public double Operations(long rows, long text, long prefix)
    {
        double tokens = rows * text, projections = Hidden * (long)HeadSize * (Heads + 2L * KeyValueHeads);
        var linears = projections + (long)Heads * HeadSize * Hidden + (Causal ? 3L : 2L) * Hidden * Inner;
        var attention = 2.0 * Heads * HeadSize * text * (prefix + text) * rows;
        // The backward pass through a frozen linear layer costs as much as the forward pass. There is no backward pass below the first layer's prefix.
        return 2 * (Layers * (2 * tokens * linears + 3 * attention) - tokens * projections);
    }

    private string Bert => $$"""
        {"model_type":"bert","hidden_size":{{Hidden}},"num_hidden_layers":{{Layers}},"num_attention_heads":{{Heads}},"intermediate_size":{{Inner}},
         "vocab_size":{{Vocabulary}},"max_position_embeddings":{{Context}},"type_vocab_size":2,"hidden_act":"gelu","layer_norm_eps":1e-12}
        """;

    private string Llama => $$"""
        {"model_type":"llama","hidden_size":{{Hidden}},"num_hidden_layers":{{Layers}},"num_attention_heads":{{Heads}},
         "num_key_value_heads":{{KeyValueHeads}},"intermediate_size":{{Inner}},"vocab_size":{{Vocabulary}},"max_position_embeddings":{{Context}},
         "hidden_act":"silu","rms_norm_eps":1e-5,"rope_theta":10000.0,"tie_word_embeddings":true}
        """;

    private IEnumerable<(string, long[])> Tensors() => Causal ? LlamaTensors() : BertTensors();

    private IEnumerable<(string, long[])> BertTensors()
    {
        yield return ("embeddings.word_embeddings.weight", [Vocabulary, Hidden]);
        yield return ("embeddings.position_embeddings.weight", [Context, Hidden]);
        yield return ("embeddings.token_type_embeddings.weight", [2, Hidden]);
        foreach (var norm in Both("embeddings.LayerNorm", Hidden)) yield return norm;
        (string, long[])[] tensors =
        [
            ("attention.self.query", [Hidden, Hidden]), ("attention.self.key", [Hidden, Hidden]), ("attention.self.value", [Hidden, Hidden]),
            ("attention.output.dense", [Hidden, Hidden]), ("attention.output.LayerNorm", [Hidden]),
            ("intermediate.dense", [Inner, Hidden]), ("output.dense", [Hidden, Inner]), ("output.LayerNorm", [Hidden]),
        ];
        for (var l = 0; l < Layers; l++)
            foreach (var (name, shape) in tensors)
                foreach (var tensor in Both($"encoder.layer.{l}.{name}", shape)) yield return tensor;
    }

    private static (string, long[])[] Both(string name, params long[] shape) => [(name + ".weight", shape), (name + ".bias", shape[..1])];

    private IEnumerable<(string, long[])> LlamaTensors()
    {
        long queries = Heads * HeadSize, keys = KeyValueHeads * HeadSize;
        yield return ("model.embed_tokens.weight", [Vocabulary, Hidden]);
        (string, long[])[] tensors =
        [
            ("input_layernorm", [Hidden]), ("self_attn.q_proj", [queries, Hidden]), ("self_attn.k_proj", [keys, Hidden]),
            ("self_attn.v_proj", [keys, Hidden]), ("self_attn.o_proj", [Hidden, queries]), ("post_attention_layernorm", [Hidden]),
            ("mlp.gate_proj", [Inner, Hidden]), ("mlp.up_proj", [Inner, Hidden]), ("mlp.down_proj", [Hidden, Inner]),
        ];
        for (var l = 0; l < Layers; l++)
            foreach (var (name, shape) in tensors)
                yield return ($"model.layers.{l}.{name}.weight", shape);
        yield return ("model.norm.weight", [Hidden]);
    }
}

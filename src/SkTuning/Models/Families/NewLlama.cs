using System.Text.Json.Nodes;
using SkTuning.Checkpoints;

namespace SkTuning.Models.Families;

/// <summary>
/// A new model in its plainest form: one matrix for the word embeddings and the LM head, as many key heads as query heads, and no biases.
/// </summary>
/// <param name="Vocabulary">The number of tokens.</param>
/// <param name="Hidden">The hidden size.</param>
/// <param name="Inner">The inner size of the feed-forward.</param>
/// <param name="Layers">The number of layers.</param>
/// <param name="Heads">The number of attention heads.</param>
/// <param name="Context">The maximum number of tokens.</param>
/// <param name="Start">The id of the token before every text.</param>
internal sealed record NewLlama(int Vocabulary, int Hidden, int Inner, int Layers, int Heads, int Context, int Start)
{
    /// <summary>What the names of tensors in the file have before their canonical name.</summary>
    public const string Prefix = "model.";

    /// <summary>Returns the content of config.json.</summary>
    public JsonObject Config() => new()
    {
        ["architectures"] = new JsonArray("LlamaForCausalLM"),
        ["model_type"] = "llama",
        ["vocab_size"] = Vocabulary,
        ["hidden_size"] = Hidden,
        ["intermediate_size"] = Inner,
        ["num_hidden_layers"] = Layers,
        ["num_attention_heads"] = Heads,
        ["num_key_value_heads"] = Heads,
        ["max_position_embeddings"] = Context,
        ["rope_theta"] = 10000.0,
        ["hidden_act"] = "silu",
        ["rms_norm_eps"] = 1e-5,
        ["initializer_range"] = RandomCheckpoint.DefaultDeviation,
        ["tie_word_embeddings"] = true,
        ["attention_bias"] = false,
        ["mlp_bias"] = false,
        ["bos_token_id"] = Start,
        ["torch_dtype"] = "float32",
    };

    /// <summary>Returns the tensors in the order of the file.</summary>
    /// <param name="file">The path of the file.</param>
    public IEnumerable<TensorEntry> Tensors(string file)
    {
        yield return New("embed_tokens", Vocabulary, Hidden);
        for (var l = 0; l < Layers; l++)
        {
            var layer = FormattableString.Invariant($"layers.{l}.");
            yield return New(layer + "input_layernorm", Hidden);
            foreach (var part in (string[])["q_proj", "k_proj", "v_proj", "o_proj"]) yield return New($"{layer}self_attn.{part}", Hidden, Hidden);
            yield return New(layer + "post_attention_layernorm", Hidden);
            yield return New(layer + "mlp.gate_proj", Inner, Hidden);
            yield return New(layer + "mlp.up_proj", Inner, Hidden);
            yield return New(layer + "mlp.down_proj", Hidden, Inner);
        }
        yield return New("norm", Hidden);

        TensorEntry New(string name, params long[] shape) => new($"{Prefix}{name}.weight", file, "F32", shape);
    }
}

using System.Text.Json;
using SkTuning.Tests.Checkpoints.Gguf;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models.Gguf;

/// <summary>
/// Writes a fixture model as llama.cpp's converter does. Each change is written independently, on tensors, and does not use the library's row orders.
/// </summary>
internal static class ConvertedModels
{
    public static GgufWriter Write(string family)
    {
        var folder = Path.Combine(Fixtures.Root, "models", family);
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "config.json")));
        var config = json.RootElement;
        var (tensors, _) = Fixtures.Read(Path.Combine(folder, "model.safetensors"));
        int Int(params string[] keys)
            => keys.Select(k => config.TryGetProperty(k, out var v) && v.ValueKind == JsonValueKind.Number ? v.GetInt32() : (int?)null)
                .First(v => v is not null)!.Value;
        var a = family switch { "gemma3_text" => "gemma3", "falcon-7b" or "falcon-40b" => "falcon", _ => family };
        var (hidden, heads) = (Int("hidden_size", "n_embd"), Int("num_attention_heads", "n_head"));
        var groups = family switch { "bloom" => heads, "falcon-7b" => 1, "falcon-40b" => Int("num_kv_heads"), _ => Int("num_key_value_heads") };
        var writer = new GgufWriter().Text("general.architecture", a).U32(a + ".embedding_length", (uint)hidden).U32(a + ".attention.head_count", (uint)heads)
            .U32(a + ".attention.head_count_kv", (uint)groups).U32(a + ".block_count", (uint)Int("num_hidden_layers", "n_layer"));
        if (family is "bloom" or "falcon-7b" or "falcon-40b")
            writer.U32(a + ".context_length", family == "bloom" ? (uint)hidden : 2048).U32(a + ".feed_forward_length", 4 * (uint)hidden)
                .F32(a + ".attention.layer_norm_epsilon", config.GetProperty("layer_norm_epsilon").GetSingle());
        else
            writer.U32(a + ".context_length", (uint)Int("max_position_embeddings")).U32(a + ".feed_forward_length", (uint)Int("intermediate_size"))
                .F32(a + ".attention.layer_norm_rms_epsilon", config.GetProperty("rms_norm_eps").GetSingle())
                .U32(a + ".attention.key_length", (uint)Int("head_dim")).U32(a + ".attention.value_length", (uint)Int("head_dim"));
        if (a is "gemma2") writer.F32("gemma2.attn_logit_softcapping", 50).F32("gemma2.final_logit_softcapping", 30);
        if (a is "gemma2" or "gemma3") writer.U32(a + ".attention.sliding_window", (uint)Int("sliding_window"));
        if (a is "gemma3") writer.F32("gemma3.rope.freq_base", 1e6f);
        if (a is "qwen3") writer.F32("qwen3.rope.freq_base", 1e4f);
        foreach (var (name, tensor) in tensors)
        {
            using var scope = NewDisposeScope();
            var value = tensor;
            if (name.Contains("query_key_value"))
            {
                var size = hidden / heads;
                var rest = tensor.shape[1..];
                if (family == "bloom")
                {
                    var parts = tensor.reshape([heads, 3, size, .. rest]);
                    value = cat([.. Enumerable.Range(0, 3).Select(i => parts.select(1, i).reshape([heads * size, .. rest]))]);
                }
                else
                {
                    var grouped = tensor.reshape([groups, heads / groups + 2, size, .. rest]);
                    value = cat([grouped.narrow(1, 0, heads / groups).reshape([heads * size, .. rest]),
                        grouped.select(1, heads / groups).reshape([groups * size, .. rest]),
                        grouped.select(1, heads / groups + 1).reshape([groups * size, .. rest])]);
                }
            }
            if (a.StartsWith("gemma") && name.EndsWith("norm.weight")) value = tensor + 1;
            writer.Tensor(Rename(a, name), value.shape, value.contiguous().data<float>().ToArray());
        }
        return writer;
    }

    /// <summary>Returns the name of a tensor according to gguf-py's tensor_mapping.py.</summary>
    private static string Rename(string architecture, string name)
    {
        var ending = name[name.LastIndexOf('.')..];
        var stem = name[..^ending.Length].Replace("transformer.", "").Replace("model.", "");
        var gemma = architecture is "gemma2" or "gemma3";
        if (!stem.StartsWith("h.") && !stem.StartsWith("layers."))
            return stem switch
            {
                "word_embeddings" or "embed_tokens" => "token_embd",
                "word_embeddings_layernorm" => "token_embd_norm",
                "ln_f" or "norm" => "output_norm",
                "lm_head" => "output",
                _ => throw new InvalidOperationException(name),
            } + ending;
        var (layer, part) = (stem.Split('.')[1], string.Join('.', stem.Split('.')[2..]));
        return $"blk.{layer}." + part switch
        {
            "input_layernorm" or "ln_mlp" => "attn_norm",
            "ln_attn" => "attn_norm_2",
            "self_attention.query_key_value" => "attn_qkv",
            "self_attention.dense" or "self_attn.o_proj" => "attn_output",
            "mlp.dense_h_to_4h" or "mlp.up_proj" => "ffn_up",
            "mlp.dense_4h_to_h" or "mlp.down_proj" => "ffn_down",
            "mlp.gate_proj" => "ffn_gate",
            "self_attn.q_proj" => "attn_q",
            "self_attn.k_proj" => "attn_k",
            "self_attn.v_proj" => "attn_v",
            "self_attn.q_norm" => "attn_q_norm",
            "self_attn.k_norm" => "attn_k_norm",
            "post_attention_layernorm" => gemma ? "post_attention_norm" : "ffn_norm",
            "pre_feedforward_layernorm" => "ffn_norm",
            "post_feedforward_layernorm" => "post_ffw_norm",
            _ => throw new InvalidOperationException(name),
        } + ending;
    }
}

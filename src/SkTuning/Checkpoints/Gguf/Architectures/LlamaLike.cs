using System.Text.Json;
using SkTuning.Models;

namespace SkTuning.Checkpoints.Gguf.Architectures;

/// <summary>The names that Llama and its children share.</summary>
internal abstract class LlamaLike : GgufArchitecture
{
    public override string LayerPrefix => "model.layers";

    public override IReadOnlyDictionary<string, string> Whole { get; } = new Dictionary<string, string>
    {
        ["token_embd"] = "model.embed_tokens", ["output_norm"] = "model.norm", ["output"] = "lm_head",
    };

    public override IReadOnlyDictionary<string, string> Layer(GgufSettings settings) => Names;

    protected static readonly Dictionary<string, string> Names = new()
    {
        ["attn_norm"] = "input_layernorm", ["ffn_norm"] = "post_attention_layernorm",
        ["attn_q"] = "self_attn.q_proj", ["attn_k"] = "self_attn.k_proj", ["attn_v"] = "self_attn.v_proj", ["attn_output"] = "self_attn.o_proj",
        ["attn_q_norm"] = "self_attn.q_norm", ["attn_k_norm"] = "self_attn.k_norm",
        ["ffn_gate"] = "mlp.gate_proj", ["ffn_up"] = "mlp.up_proj", ["ffn_down"] = "mlp.down_proj",
    };

    protected void WriteLlamaLike(Utf8JsonWriter json, GgufSettings settings, string modelType)
    {
        settings.WriteShared(json, modelType);
        settings.WriteSizes(json);
        json.WriteNumber("head_dim", settings.HeadSize);
        json.WriteNumber("rms_norm_eps", settings.Float("attention.layer_norm_rms_epsilon"));
    }
}

/// <summary>Llama 1-3, Mistral, SmolLM and whatever else is converted as "llama". Which of them it was the file does not say, and the arithmetic is the same.</summary>
internal sealed class Llama : LlamaLike
{
    public override string Name => "llama";

    public override TensorChange Change(string part, GgufTensor tensor, GgufSettings settings) => part switch
    {
        "attn_q" => RotatedByPairs(tensor, settings.Heads, settings),
        "attn_k" => RotatedByPairs(tensor, settings.KeyValueHeads, settings),
        _ => TensorChange.None,
    };

    public override void WriteConfig(Utf8JsonWriter json, GgufSettings settings)
    {
        var window = settings.IntOrNull("attention.sliding_window") ?? 0;
        WriteLlamaLike(json, settings, window > 0 ? "mistral" : "llama");
        if (window > 0) json.WriteNumber("sliding_window", window);
        json.WriteString("hidden_act", "silu");
        json.WriteBoolean("attention_bias", settings.LayerHas("attn_q.bias"));
        json.WriteBoolean("mlp_bias", settings.LayerHas("ffn_up.bias"));
        RotarySettings.Write(json, settings);
    }
}

/// <summary>Qwen 2 and 2.5: biases on q, k and v; rows as Hugging Face has them.</summary>
internal sealed class Qwen2 : LlamaLike
{
    public override string Name => "qwen2";

    public override void WriteConfig(Utf8JsonWriter json, GgufSettings settings)
    {
        WriteLlamaLike(json, settings, "qwen2");
        json.WriteString("hidden_act", "silu");
        json.WriteBoolean("use_sliding_window", false);
        RotarySettings.Write(json, settings);
    }
}

/// <summary>Qwen 3: norms on each head's query and key.</summary>
internal sealed class Qwen3 : LlamaLike
{
    public override string Name => "qwen3";

    public override void WriteConfig(Utf8JsonWriter json, GgufSettings settings)
    {
        WriteLlamaLike(json, settings, "qwen3");
        json.WriteString("hidden_act", "silu");
        json.WriteBoolean("attention_bias", settings.LayerHas("attn_q.bias"));
        json.WriteBoolean("use_sliding_window", false);
        RotarySettings.Write(json, settings);
    }
}

/// <summary>Phi 3 and 3.5: q, k and v in one matrix, gate and up in another, as Hugging Face has them.</summary>
internal sealed class Phi3 : LlamaLike
{
    public override string Name => "phi3";

    public override IReadOnlyDictionary<string, string> Layer(GgufSettings settings) => new Dictionary<string, string>
    {
        ["attn_norm"] = "input_layernorm", ["ffn_norm"] = "post_attention_layernorm",
        ["attn_qkv"] = "self_attn.qkv_proj", ["attn_output"] = "self_attn.o_proj", ["ffn_up"] = "mlp.gate_up_proj", ["ffn_down"] = "mlp.down_proj",
    };

    public override void WriteConfig(Utf8JsonWriter json, GgufSettings settings)
    {
        WriteLlamaLike(json, settings, "phi3");
        json.WriteString("hidden_act", "silu");
        if (settings.IntOrNull("attention.sliding_window") is > 0 and var window) json.WriteNumber("sliding_window", window);
        json.WriteNumber("original_max_position_embeddings", settings.IntOrNull("rope.scaling.original_context_length") ?? settings.Context);
        RotarySettings.Write(json, settings);
    }
}

/// <summary>OLMo 2: norms behind attention and feed-forward instead of before, and over the whole query and key.</summary>
internal sealed class Olmo2 : LlamaLike
{
    public override string Name => "olmo2";

    public override IReadOnlyDictionary<string, string> Layer(GgufSettings settings) => new Dictionary<string, string>(Names.Where(n => n.Key is not ("attn_norm" or "ffn_norm")))
    {
        ["post_attention_norm"] = "post_attention_layernorm", ["post_ffw_norm"] = "post_feedforward_layernorm",
    };

    public override void WriteConfig(Utf8JsonWriter json, GgufSettings settings)
    {
        // OLMo 3 is written under the same name.
        if (settings.IntOrNull("attention.sliding_window") is > 0 and var window) throw settings.Bad("attention.sliding_window", $"{window}: this is OLMo 3", "OLMo 2, which has no window");
        WriteLlamaLike(json, settings, "olmo2");
        json.WriteString("hidden_act", "silu");
        json.WriteBoolean("attention_bias", settings.LayerHas("attn_q.bias"));
        RotarySettings.Write(json, settings);
    }
}

/// <summary>StarCoder 2: layer norms with biases, a plain feed-forward.</summary>
internal sealed class Starcoder2 : LlamaLike
{
    public override string Name => "starcoder2";

    public override IReadOnlyDictionary<string, string> Layer(GgufSettings settings) => new Dictionary<string, string>(Names.Where(n => !n.Key.StartsWith("ffn", StringComparison.Ordinal)))
    {
        ["ffn_norm"] = "post_attention_layernorm", ["ffn_up"] = "mlp.c_fc", ["ffn_down"] = "mlp.c_proj",
    };

    public override void WriteConfig(Utf8JsonWriter json, GgufSettings settings)
    {
        settings.WriteShared(json, "starcoder2");
        settings.WriteSizes(json);
        json.WriteNumber("head_dim", settings.HeadSize);
        json.WriteNumber("norm_epsilon", settings.Float("attention.layer_norm_epsilon"));
        json.WriteString("hidden_act", "gelu_pytorch_tanh");
        json.WriteBoolean("use_bias", settings.LayerHas("attn_q.bias"));
        if (settings.IntOrNull("attention.sliding_window") is > 0 and var window) json.WriteNumber("sliding_window", window);
        RotarySettings.Write(json, settings);
    }
}

/// <summary>StableLM: layer norms, part of each head rotated; the 12-billion one with norms per head (stacked by the converter) and a parallel residual.</summary>
internal sealed class StableLm : LlamaLike
{
    public override string Name => "stablelm";

    public override IReadOnlyDictionary<string, string> Layer(GgufSettings settings) => new Dictionary<string, string>(Names)
    {
        ["attn_q_norm"] = "self_attn.q_layernorm", ["attn_k_norm"] = "self_attn.k_layernorm",
    };

    public override IEnumerable<(string Name, TensorChange Change)> Expand(string name, string part, GgufTensor tensor, GgufSettings settings)
    {
        if (part is not ("attn_q_norm" or "attn_k_norm")) return base.Expand(name, part, tensor, settings);
        var heads = part == "attn_q_norm" ? settings.Heads : settings.KeyValueHeads;
        if (tensor.Shape.Length != 2 || tensor.Shape[0] != heads || tensor.Type.IsQuantized)
            throw SkTuningException.BadFile(settings.File.Path, tensor.Name, $"{tensor.Type.Name} {tensor.ShapeText}", $"[{heads}, {settings.HeadSize}] of plain values: one norm a head");
        return Enumerable.Range(0, heads).Select(head => (name.Replace("_layernorm.", $"_layernorm.norms.{head}."), (TensorChange)new TensorChange.OneRow(head)));
    }

    public override void WriteConfig(Utf8JsonWriter json, GgufSettings settings)
    {
        settings.WriteShared(json, "stablelm");
        settings.WriteSizes(json);
        json.WriteNumber("layer_norm_eps", settings.Float("attention.layer_norm_epsilon"));
        json.WriteString("hidden_act", "silu");
        json.WriteBoolean("use_qkv_bias", settings.LayerHas("attn_q.bias"));
        json.WriteBoolean("qk_layernorm", settings.LayerHas("attn_q_norm.weight"));
        json.WriteBoolean("use_parallel_residual", !settings.LayerHas("ffn_norm.weight"));   // the key of that name is not to be trusted: llama.cpp looks at the tensors too
        RotarySettings.Write(json, settings);
    }
}

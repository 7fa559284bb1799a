using System.Text.Json;
using SkTuning.Models;

namespace SkTuning.Checkpoints.Gguf.Architectures;

/// <summary>GPT-2: its Conv1D matrices are [in, out], the file has them [out, in].</summary>
internal sealed class Gpt2 : GgufArchitecture
{
    public override string Name => "gpt2";
    public override string LayerPrefix => "transformer.h";

    public override IReadOnlyDictionary<string, string> Whole { get; } = new Dictionary<string, string>
    {
        ["token_embd"] = "transformer.wte", ["position_embd"] = "transformer.wpe", ["output_norm"] = "transformer.ln_f", ["output"] = "lm_head",
    };

    public override IReadOnlyDictionary<string, string> Layer(GgufSettings settings) => new Dictionary<string, string>
    {
        ["attn_norm"] = "ln_1", ["ffn_norm"] = "ln_2", ["attn_qkv"] = "attn.c_attn", ["attn_output"] = "attn.c_proj", ["ffn_up"] = "mlp.c_fc", ["ffn_down"] = "mlp.c_proj",
    };

    public override TensorChange Change(string part, GgufTensor tensor, GgufSettings settings)
        => tensor.Shape.Length == 2 && part is "attn_qkv" or "attn_output" or "ffn_up" or "ffn_down" ? new TensorChange.Transposed() : TensorChange.None;

    public override void WriteConfig(Utf8JsonWriter json, GgufSettings settings)
    {
        settings.WriteShared(json, "gpt2");
        json.WriteNumber("n_embd", settings.Hidden);
        json.WriteNumber("n_layer", settings.Layers);
        json.WriteNumber("n_head", settings.Heads);
        json.WriteNumber("n_inner", settings.FeedForward);
        json.WriteNumber("n_positions", settings.File.Tensors.TryGetValue("position_embd.weight", out var positions) && positions.Shape.Length == 2 ? positions.Shape[0] : settings.Context);
        json.WriteNumber("layer_norm_epsilon", settings.Float("attention.layer_norm_epsilon"));
        json.WriteString("activation_function", "gelu_new");
    }
}

/// <summary>Falcon: queries, keys and values fused by group. With two norms before the block it is the 40b kind.</summary>
internal sealed class Falcon : GgufArchitecture
{
    public override string Name => "falcon";
    public override string LayerPrefix => "transformer.h";

    public override IReadOnlyDictionary<string, string> Whole { get; } = new Dictionary<string, string>
    {
        ["token_embd"] = "transformer.word_embeddings", ["output_norm"] = "transformer.ln_f", ["output"] = "lm_head",
    };

    private static bool TwoNorms(GgufSettings settings) => settings.LayerHas("attn_norm_2.weight");

    public override IReadOnlyDictionary<string, string> Layer(GgufSettings settings) => new Dictionary<string, string>
    {
        ["attn_norm"] = TwoNorms(settings) ? "ln_mlp" : "input_layernorm", ["attn_norm_2"] = "ln_attn",
        ["attn_qkv"] = "self_attention.query_key_value", ["attn_output"] = "self_attention.dense", ["ffn_up"] = "mlp.dense_h_to_4h", ["ffn_down"] = "mlp.dense_4h_to_h",
    };

    public override TensorChange Change(string part, GgufTensor tensor, GgufSettings settings)
        => part == "attn_qkv" ? FusedByGroup(tensor, settings.Heads, settings.KeyValueHeads, settings) : TensorChange.None;

    public override void WriteConfig(Utf8JsonWriter json, GgufSettings settings)
    {
        // One key for all heads is written the old way, anything else by the new "decoder architecture", which has the same rows.
        var grouped = settings.KeyValueHeads > 1 || TwoNorms(settings);
        settings.WriteShared(json, "falcon");
        json.WriteNumber("hidden_size", settings.Hidden);
        json.WriteNumber("num_hidden_layers", settings.Layers);
        json.WriteNumber("num_attention_heads", settings.Heads);
        json.WriteNumber("num_kv_heads", settings.KeyValueHeads);
        json.WriteNumber("ffn_hidden_size", settings.FeedForward);
        json.WriteNumber("max_position_embeddings", settings.Context);
        json.WriteNumber("layer_norm_epsilon", settings.Float("attention.layer_norm_epsilon"));
        json.WriteString("activation", "gelu");
        json.WriteBoolean("alibi", false);
        json.WriteBoolean("bias", settings.LayerHas("attn_qkv.bias"));
        json.WriteBoolean("parallel_attn", true);
        json.WriteBoolean("multi_query", true);
        json.WriteBoolean("new_decoder_architecture", grouped);
        if (grouped) json.WriteNumber("num_ln_in_parallel_attn", TwoNorms(settings) ? 2 : 1);
        RotarySettings.Write(json, settings);
    }
}

/// <summary>BLOOM: query, key and value of a head together in the checkpoint, all of each together in the file.</summary>
internal sealed class Bloom : GgufArchitecture
{
    public override string Name => "bloom";
    public override string LayerPrefix => "transformer.h";

    public override IReadOnlyDictionary<string, string> Whole { get; } = new Dictionary<string, string>
    {
        ["token_embd"] = "transformer.word_embeddings", ["token_embd_norm"] = "transformer.word_embeddings_layernorm", ["output_norm"] = "transformer.ln_f", ["output"] = "lm_head",
    };

    public override IReadOnlyDictionary<string, string> Layer(GgufSettings settings) => new Dictionary<string, string>
    {
        ["attn_norm"] = "input_layernorm", ["ffn_norm"] = "post_attention_layernorm",
        ["attn_qkv"] = "self_attention.query_key_value", ["attn_output"] = "self_attention.dense", ["ffn_up"] = "mlp.dense_h_to_4h", ["ffn_down"] = "mlp.dense_4h_to_h",
    };

    public override TensorChange Change(string part, GgufTensor tensor, GgufSettings settings)
        => part == "attn_qkv" ? FusedByGroup(tensor, settings.Heads, settings.Heads, settings) : TensorChange.None;

    public override void WriteConfig(Utf8JsonWriter json, GgufSettings settings)
    {
        settings.WriteShared(json, "bloom");
        json.WriteNumber("hidden_size", settings.Hidden);
        json.WriteNumber("n_layer", settings.Layers);
        json.WriteNumber("n_head", settings.Heads);
        json.WriteNumber("layer_norm_epsilon", settings.Float("attention.layer_norm_epsilon"));
        json.WriteBoolean("apply_residual_connection_post_layernorm", false);
    }
}

/// <summary>
/// BERT, and RoBERTa and XLM-RoBERTa, of which the converter cut off the first positions (those of padding): what is left counts positions from 0 and computes as
/// BERT does. The pooler is not in the file.
/// </summary>
internal sealed class Bert : GgufArchitecture
{
    public override string Name => "bert";
    public override string LayerPrefix => "encoder.layer";

    public override IReadOnlyDictionary<string, string> Whole { get; } = new Dictionary<string, string>
    {
        ["token_embd"] = "embeddings.word_embeddings", ["position_embd"] = "embeddings.position_embeddings", ["token_types"] = "embeddings.token_type_embeddings",
        ["token_embd_norm"] = "embeddings.LayerNorm",
    };

    public override IReadOnlyDictionary<string, string> Layer(GgufSettings settings) => new Dictionary<string, string>
    {
        ["attn_q"] = "attention.self.query", ["attn_k"] = "attention.self.key", ["attn_v"] = "attention.self.value",
        ["attn_output"] = "attention.output.dense", ["attn_output_norm"] = "attention.output.LayerNorm",
        ["ffn_up"] = "intermediate.dense", ["ffn_down"] = "output.dense", ["layer_output_norm"] = "output.LayerNorm",
    };

    // A classifier's head; this library trains its own.
    public override bool Ignores(string name) => name.StartsWith("cls.", StringComparison.Ordinal) || base.Ignores(name);

    public override void WriteConfig(Utf8JsonWriter json, GgufSettings settings)
    {
        if (settings.BoolOrNull("attention.causal") == true) throw settings.Bad("attention.causal", "true", "an encoder");
        settings.WriteShared(json, "bert");
        json.WriteNumber("hidden_size", settings.Hidden);
        json.WriteNumber("num_hidden_layers", settings.Layers);
        json.WriteNumber("num_attention_heads", settings.Heads);
        json.WriteNumber("intermediate_size", settings.FeedForward);
        json.WriteNumber("max_position_embeddings", Rows("position_embd.weight"));
        json.WriteNumber("type_vocab_size", Rows("token_types.weight"));
        json.WriteNumber("layer_norm_eps", settings.Float("attention.layer_norm_epsilon"));
        json.WriteString("hidden_act", "gelu");

        long Rows(string name) => settings.File.Tensors.TryGetValue(name, out var tensor) && tensor.Shape.Length == 2
            ? tensor.Shape[0] : throw SkTuningException.BadFile(settings.File.Path, name, tensor?.ShapeText ?? "not there", "embeddings, [rows, size]");
    }
}

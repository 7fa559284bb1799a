using SkTuning.Checkpoints;
using SkTuning.Models;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
using GeluTanh = TorchSharp.Modules.GELU.Approximate;

namespace SkTuning.Tests.Models;

/// <summary>
/// Families and options that no fixture uses, compared with a second implementation of their definition (<see cref="SecondOpinion"/>). This shows that traits,
/// names and layouts work as intended; only fixtures show that the intention is what transformers does.
/// </summary>
public sealed class SecondOpinionTests
{
    private static Tensor Ids => tensor(new long[] { 3, 41, 7, 7, 22, 0, 13, 35, 49 });

    private const string Sizes = "\"vocab_size\":50,\"hidden_size\":24,\"num_hidden_layers\":3,\"num_attention_heads\":6,\"max_position_embeddings\":32," +
        "\"intermediate_size\":20,\"tie_word_embeddings\":true";

    [Fact]
    public void Gpt_neo_alternates_windows_and_does_not_scale() => Same(new(6, 6, 4),
        """{"model_type":"gpt_neo","vocab_size":50,"hidden_size":24,"num_layers":3,"num_heads":6,"max_position_embeddings":32,"intermediate_size":20,""" +
            """ "window_size":3,"attention_types":[[["global"],1],[["local","global"],1]]}""", o =>
    {
        var x = o.Words("transformer.wte", Ids) + o.Weight("transformer.wpe.weight", 32, 24).narrow(0, 0, 9);
        for (var l = 0; l < 3; l++)
        {
            var (h, n) = ($"transformer.h.{l}.", o.Layer(x, $"transformer.h.{l}.ln_1"));
            Tensor[] Project(string which) => o.Split(o.Linear(n, h + $"attn.attention.{which}_proj", 24, false));
            x = x + o.Linear(o.Attend(Project("q"), Project("k"), Project("v"), scale: 1, window: l == 1 ? 3 : null), h + "attn.attention.out_proj", 24, true);
            x = x + o.Linear(o.Linear(o.Layer(x, h + "ln_2"), h + "mlp.c_fc", 20, true).gelu(GeluTanh.tanh), h + "mlp.c_proj", 24, true);
        }
        return o.Layer(x, "transformer.ln_f");
    });

    [Fact]
    public void Gptj_rotates_adjacent_values_and_has_one_norm_a_layer() => Same(new(3, 3, 8),
        """{"model_type":"gptj","vocab_size":50,"n_embd":24,"n_layer":2,"n_head":3,"n_positions":32,"n_inner":20,"rotary_dim":4,"tie_word_embeddings":false}""",
        o =>
    {
        var x = o.Words("transformer.wte", Ids);
        for (var l = 0; l < 2; l++)
        {
            var (h, n) = ($"transformer.h.{l}.", o.Layer(x, $"transformer.h.{l}.ln_1"));
            Tensor[] Turned(string which)
                => [.. o.Split(o.Linear(n, h + $"attn.{which}_proj", 24, false)).Select(t => SecondOpinion.Turn(t, 4, neighbours: true))];
            var attended = o.Linear(o.Attend(Turned("q"), Turned("k"), o.Split(o.Linear(n, h + "attn.v_proj", 24, false))), h + "attn.out_proj", 24, false);
            x = x + attended + o.Linear(o.Linear(n, h + "mlp.fc_in", 20, true).gelu(GeluTanh.tanh), h + "mlp.fc_out", 24, true);
        }
        return o.Layer(x, "transformer.ln_f");
    }, o => ("lm_head", true));

    [Theory, InlineData(true), InlineData(false)]
    public void Gpt_bigcode_has_one_key_value_head_or_all(bool single) => Same(new(6, single ? 1 : 6, 4),
        $$"""{"model_type":"gpt_bigcode","vocab_size":50,"n_embd":24,"n_layer":2,"n_head":6,"n_positions":32,"n_inner":null,""" +
            $$""" "multi_query":{{(single ? "true" : "false")}}}""", o =>
    {
        var x = o.Words("transformer.wte", Ids) + o.Weight("transformer.wpe.weight", 32, 24).narrow(0, 0, 9);
        for (var l = 0; l < 2; l++)
        {
            var h = $"transformer.h.{l}.";
            var parts = o.Split(o.Linear(o.Layer(x, h + "ln_1"), h + "attn.c_attn", single ? 32 : 72, true));
            var attended = single ? o.Attend(parts[..6], [parts[6]], [parts[7]]) : o.Attend(Every(parts, 0), Every(parts, 1), Every(parts, 2));
            x = x + o.Linear(attended, h + "attn.c_proj", 24, true);
            x = x + o.Linear(o.Linear(o.Layer(x, h + "ln_2"), h + "mlp.c_fc", 96, true).gelu(GeluTanh.tanh), h + "mlp.c_proj", 24, true);
        }
        return o.Layer(x, "transformer.ln_f");
    });

    [Fact]
    public void Gpt2_may_scale_by_layer() => Same(new(6, 6, 4),
        """{"model_type":"gpt2","vocab_size":50,"n_embd":24,"n_layer":2,"n_head":6,"n_positions":32,"scale_attn_by_inverse_layer_idx":true}""", o =>
    {
        var x = o.Words("transformer.wte", Ids) + o.Weight("transformer.wpe.weight", 32, 24).narrow(0, 0, 9);
        for (var l = 0; l < 2; l++)
        {
            var h = $"transformer.h.{l}.";
            var parts = o.Split(o.Conv(o.Layer(x, h + "ln_1"), h + "attn.c_attn", 72));
            x = x + o.Conv(o.Attend(parts[..6], parts[6..12], parts[12..], scale: 0.5 / (l + 1)), h + "attn.c_proj", 24);
            x = x + o.Conv(o.Conv(o.Layer(x, h + "ln_2"), h + "mlp.c_fc", 96).gelu(GeluTanh.tanh), h + "mlp.c_proj", 24);
        }
        return o.Layer(x, "transformer.ln_f");
    });

    [Fact]
    public void Falcon_with_alibi_rounds_it_to_bf16_and_scales_it() => Same(new(6, 6, 4),
        """{"model_type":"falcon","vocab_size":50,"hidden_size":24,"n_layer":2,"n_head":6,"alibi":true,"bias":true,"multi_query":false,""" +
            """ "parallel_attn":false,"new_decoder_architecture":false}""", o =>
    {
        var x = o.Words("transformer.word_embeddings", Ids);
        for (var l = 0; l < 2; l++)
        {
            var h = $"transformer.h.{l}.";
            var parts = o.Split(o.Linear(o.Layer(x, h + "input_layernorm"), h + "self_attention.query_key_value", 72, true));
            static double Rounded(double v) => tensor((float)v).to_type(ScalarType.BFloat16).to_type(ScalarType.Float32).item<float>();
            x = x + o.Linear(o.Attend(Every(parts, 0), Every(parts, 1), Every(parts, 2), bias: (head, key) => Rounded(Rounded(o.Slope(head)) * key) / 2),
                h + "self_attention.dense", 24, true);
            x = x + o.Linear(F.gelu(o.Linear(o.Layer(x, h + "post_attention_layernorm"), h + "mlp.dense_h_to_4h", 96, true)), h + "mlp.dense_4h_to_h", 24,
                true);
        }
        return o.Layer(x, "transformer.ln_f");
    });

    [Fact]
    public void Falcon_with_groups_may_have_one_norm() => Same(new(6, 2, 4),
        """{"model_type":"falcon","vocab_size":50,"hidden_size":24,"num_hidden_layers":2,"num_attention_heads":6,"num_kv_heads":2,""" +
            """ "new_decoder_architecture":true,"num_ln_in_parallel_attn":1,"rope_theta":500.0}""", o =>
    {
        var x = o.Words("transformer.word_embeddings", Ids);
        for (var l = 0; l < 2; l++)
        {
            var h = $"transformer.h.{l}.";
            var n = o.Layer(x, h + "input_layernorm");
            var parts = o.Split(o.Linear(n, h + "self_attention.query_key_value", 40, false));
            Tensor[] Turned(params Tensor[] t) => [.. t.Select(p => SecondOpinion.Turn(p, 4, 500))];
            var attended = o.Attend(Turned([.. parts[..3], .. parts[5..8]]), Turned(parts[3], parts[8]), [parts[4], parts[9]]);
            x = x + o.Linear(attended, h + "self_attention.dense", 24, false)
                + o.Linear(F.gelu(o.Linear(n, h + "mlp.dense_h_to_4h", 96, false)), h + "mlp.dense_4h_to_h", 24, false);
        }
        return o.Layer(x, "transformer.ln_f");
    });

    [Fact]
    public void Bloom_may_continue_from_the_output_of_the_norm() => Same(new(6, 6, 4),
        """{"model_type":"bloom","vocab_size":50,"hidden_size":24,"n_layer":2,"n_head":6,"apply_residual_connection_post_layernorm":true}""", o =>
    {
        var x = o.Layer(o.Words("word_embeddings", Ids), "word_embeddings_layernorm");
        for (var l = 0; l < 2; l++)
        {
            var h = $"h.{l}.";
            var n = o.Layer(x, h + "input_layernorm");
            var parts = o.Split(o.Linear(n, h + "self_attention.query_key_value", 72, true));
            x = n + o.Linear(o.Attend(Every(parts, 0), Every(parts, 1), Every(parts, 2), bias: (head, key) => o.Slope(head) * key), h + "self_attention.dense",
                24, true);
            n = o.Layer(x, h + "post_attention_layernorm");
            x = n + o.Linear(o.Linear(n, h + "mlp.dense_h_to_4h", 96, true).gelu(GeluTanh.tanh), h + "mlp.dense_4h_to_h", 24, true);
        }
        return o.Layer(x, "ln_f");
    });

    [Fact]
    public void Mpt_may_clip_and_scale() => Same(new(6, 6, 4),
        """{"model_type":"mpt","vocab_size":50,"d_model":24,"n_layers":2,"n_heads":6,"max_seq_len":32,"attn_config":{"clip_qkv":0.4,"softmax_scale":0.7}}""",
        o =>
    {
        var x = o.Words("transformer.wte", Ids);
        for (var l = 0; l < 2; l++)
        {
            var h = $"transformer.blocks.{l}.";
            var parts = o.Split(o.Linear(o.Layer(x, h + "norm_1", bias: false), h + "attn.Wqkv", 72, false).clamp(-0.4, 0.4));
            x = x + o.Linear(o.Attend(parts[..6], parts[6..12], parts[12..], scale: 0.7, bias: (head, key) => o.Slope(head) * (key - 31)), h + "attn.out_proj",
                24, false);
            x = x + o.Linear(F.gelu(o.Linear(o.Layer(x, h + "norm_2", bias: false), h + "ffn.up_proj", 96, false)), h + "ffn.down_proj", 24, false);
        }
        return o.Layer(x, "transformer.norm_f", bias: false);
    });

    [Theory, InlineData(true, false), InlineData(false, false), InlineData(true, true)]
    public void Opt_projects_narrow_words_and_may_have_norms_after_its_parts(bool after, bool removed) => Same(new(6, 6, 4),
        $$"""{"model_type":"opt","vocab_size":50,"hidden_size":24,"num_hidden_layers":2,"num_attention_heads":6,"max_position_embeddings":32,"ffn_dim":20,""" +
            $$""" "word_embed_proj_dim":10,"do_layer_norm_before":{{(after ? "false" : "true")}},""" +
            $$""" "_remove_final_layer_norm":{{(removed ? "true" : "false")}}}""", o =>
    {
        const string d = "model.decoder.";
        var x = o.Linear(o.Words(d + "embed_tokens", Ids, 10), d + "project_in", 24, false) + o.Weight(d + "embed_positions.weight", 34, 24).narrow(0, 2, 9);
        for (var l = 0; l < 2; l++)
        {
            var h = $"{d}layers.{l}.";
            var n = after ? x : o.Layer(x, h + "self_attn_layer_norm");
            Tensor[] Project(string which) => o.Split(o.Linear(n, h + $"self_attn.{which}_proj", 24, true));
            x = x + o.Linear(o.Attend(Project("q"), Project("k"), Project("v")), h + "self_attn.out_proj", 24, true);
            if (after) x = o.Layer(x, h + "self_attn_layer_norm");
            n = after ? x : o.Layer(x, h + "final_layer_norm");
            x = x + o.Linear(F.relu(o.Linear(n, h + "fc1", 20, true)), h + "fc2", 24, true);
            if (after) x = o.Layer(x, h + "final_layer_norm");
        }
        if (!after && !removed) x = o.Layer(x, d + "final_layer_norm");
        return o.Linear(x, d + "project_out", 10, false);
    });

    [Fact]
    public void Gpt_neox_may_be_sequential() => Same(new(3, 3, 8),
        """{"model_type":"gpt_neox","vocab_size":50,"hidden_size":24,"num_hidden_layers":2,"num_attention_heads":3,"max_position_embeddings":32,""" +
            """ "intermediate_size":20,"rotary_pct":0.5,"rotary_emb_base":300,"use_parallel_residual":false,"attention_bias":false}""", o =>
    {
        var x = o.Words("gpt_neox.embed_in", Ids);
        for (var l = 0; l < 2; l++)
        {
            var h = $"gpt_neox.layers.{l}.";
            var parts = o.Split(o.Linear(o.Layer(x, h + "input_layernorm"), h + "attention.query_key_value", 72, false));
            Tensor[] Turned(int from) => [.. Every(parts, from).Select(t => SecondOpinion.Turn(t, 4, 300))];
            x = x + o.Linear(o.Attend(Turned(0), Turned(1), Every(parts, 2)), h + "attention.dense", 24, false);
            x = x + o.Linear(F.gelu(o.Linear(o.Layer(x, h + "post_attention_layernorm"), h + "mlp.dense_h_to_4h", 20, true)), h + "mlp.dense_4h_to_h", 24,
                true);
        }
        return o.Layer(x, "gpt_neox.final_layer_norm");
    }, o => ("embed_out", false));

    [Fact]
    public void Phi_may_norm_queries_and_keys()
        => Same(new(6, 2, 4), $$"""{"model_type":"phi",{{Sizes}},"num_key_value_heads":2,"qk_layernorm":true,"partial_rotary_factor":0.5}""", o =>
    {
        var x = o.Words("model.embed_tokens", Ids);
        for (var l = 0; l < 3; l++)
        {
            var h = $"model.layers.{l}.";
            var n = o.Layer(x, h + "input_layernorm");
            Tensor[] Turned(string which, int width)
                => [.. o.Split(o.Linear(n, h + $"self_attn.{which}_proj", width, true))
                    .Select(t => SecondOpinion.Turn(o.Layer(t, h + $"self_attn.{which}_layernorm"), 2))];
            var attended = o.Attend(Turned("q", 24), Turned("k", 8), o.Split(o.Linear(n, h + "self_attn.v_proj", 8, true)));
            x = x + o.Linear(attended, h + "self_attn.dense", 24, true)
                + o.Linear(o.Linear(n, h + "mlp.fc1", 20, true).gelu(GeluTanh.tanh), h + "mlp.fc2", 24, true);
        }
        o.Weight("lm_head.bias", 50);
        return o.Layer(x, "model.final_layernorm");
    });

    /// <summary>Every third tensor from an index: the heads of a weight whose rows are q, k and v of each head in turn.</summary>
    private static Tensor[] Every(Tensor[] parts, int from) => [.. parts.Where((_, i) => i % 3 == from)];

    internal static void Same(
        SecondOpinion opinion, string config, Func<SecondOpinion, Tensor> forward,
        Func<SecondOpinion, (string Name, bool Bias)>? head = null, bool prefix = true)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var expected = forward(opinion);
        Tensor? logits = null;
        if (head?.Invoke(opinion) is var (name, bias)) logits = opinion.Linear(expected, name, 50, bias);
        var folder = Directory.CreateTempSubdirectory("second-opinion").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "config.json"), config);
            SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), opinion.Weights);
            using var transformer = FrozenModel.LoadTransformer(folder, new() { Device = "cpu", CopyWeights = true }, CPU).Transformer;
            var ids = Ids.unsqueeze(0);
            var hidden = transformer.Forward(new() { Ids = ids }).Hidden;
            Fixtures.AssertClose(expected, hidden[0], "states");
            if (logits is not null) Fixtures.AssertClose(logits, transformer.Logits(hidden)[0], "logits");

            // A prefix that was read within the short context is rotated differently from one within the long context, so there is nothing to compare.
            if (!prefix) return;
            // The first four tokens as a prefix, followed by the rest, next to a longer row and padded on either side.
            var read = transformer.Forward(new() { Ids = ids.narrow(1, 0, 4), KeepKeyValues = true });
            foreach (var left in (bool[])[false, true])
            {
                var text = ids.narrow(1, 4, 5);
                var padding = ones([1, 3], ScalarType.Int64);
                var batch = cat([left ? cat([padding, text], 1) : cat([text, padding], 1), ids.narrow(1, 1, 8)], 0);
                var mask = ones([2, 8], ScalarType.Int64);
                mask[0].narrow(0, left ? 0 : 5, 3).fill_(0);
                var after = transformer.Forward(new() { Ids = batch, Mask = mask, Injection = Injection.OfPrefix([.. read.KeyValues]) }).Text;
                Fixtures.AssertClose(expected.narrow(0, 4, 5), after[0].narrow(0, left ? 3 : 0, 5),
                    $"states after a prefix, {(left ? "left" : "right")} padding");
            }
        }
        finally { Directory.Delete(folder, recursive: true); }
    }
}

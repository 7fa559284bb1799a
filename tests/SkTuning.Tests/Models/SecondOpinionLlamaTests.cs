using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tests.Models;

/// <summary>The same as <see cref="SecondOpinionTests"/> for the families based on Llama: options that no fixture uses.</summary>
public sealed class SecondOpinionLlamaTests
{
    private static Tensor Ids => tensor(new long[] { 3, 41, 7, 7, 22, 0, 13, 35, 49 });

    private const string Sizes = "\"vocab_size\":50,\"hidden_size\":24,\"num_hidden_layers\":3,\"num_attention_heads\":6,\"num_key_value_heads\":2," +
        "\"max_position_embeddings\":32,\"intermediate_size\":20,\"tie_word_embeddings\":true";

    /// <summary>The changes that a family may make to Llama's layer.</summary>
    private sealed record Layer
    {
        public bool Bias { get; init; }
        public Func<Tensor, int, Tensor> Turn { get; init; } = (t, _) => SecondOpinion.Turn(t, 4);
        public Func<int, int?> Window { get; init; } = _ => null;
        public double? Scale { get; init; }
        public double Residual { get; init; } = 1;
        public double? Clip { get; init; }
        public Func<SecondOpinion, Tensor, string, Tensor> Norm { get; init; } = (o, x, name) => o.Rms(x, name);
        public Func<SecondOpinion, Tensor, string, int, Tensor>? HeadNorm { get; init; }
        public Func<SecondOpinion, Tensor, int, Tensor> FeedForward { get; init; } = (o, x, l) => o.Gated(x, $"model.layers.{l}.mlp", 20);
    }

    private static Tensor Attention(SecondOpinion o, Tensor n, Layer t, int l, bool? outputBias = null)
    {
        var a = $"model.layers.{l}.self_attn.";
        Tensor[] Project(string which, int width, bool turn)
        {
            var y = o.Linear(n, a + which + "_proj", width, t.Bias);
            if (t.Clip is { } clip) y = y.clamp(-clip, clip);
            return [.. o.Split(y).Select((p, h) => t.HeadNorm is null || !turn ? p : t.HeadNorm(o, p, a + which, h)).Select(p => turn ? t.Turn(p, l) : p)];
        }
        return o.Linear(o.Attend(Project("q", 24, true), Project("k", 8, true), Project("v", 8, false), t.Scale, t.Window(l)), a + "o_proj", 24,
            outputBias ?? t.Bias);
    }

    private static Tensor Run(SecondOpinion o, Layer t, double embedding = 1, bool? outputBias = null)
    {
        var x = o.Words("model.embed_tokens", Ids) * embedding;
        for (var l = 0; l < 3; l++)
        {
            x = x + Attention(o, t.Norm(o, x, $"model.layers.{l}.input_layernorm"), t, l, outputBias) * t.Residual;
            x = x + t.FeedForward(o, t.Norm(o, x, $"model.layers.{l}.post_attention_layernorm"), l) * t.Residual;
        }
        return t.Norm(o, x, "model.norm");
    }

    private static void Same(string type, string options, Func<SecondOpinion, Tensor> forward, Func<SecondOpinion, (string, bool)>? head = null,
        string? sizes = null)
        => SecondOpinionTests.Same(new(6, 2, 4), $$"""{"model_type":"{{type}}",{{sizes ?? Sizes}}{{options}}}""", forward, head);

    [Fact]
    public void Mistral_sees_a_window() => Same("mistral", ",\"sliding_window\":3", o => Run(o, new() { Window = _ => 3 }));

    [Fact]
    public void Qwen2_has_windows_from_a_layer_up()
        => Same("qwen2", ",\"use_sliding_window\":true,\"sliding_window\":3,\"max_window_layers\":1",
            o => Run(o, new() { Bias = true, Window = l => l >= 1 ? 3 : null }, outputBias: false));

    [Fact]
    public void Smollm3_leaves_out_positions_and_may_have_windows_there()
        => Same("smollm3", ",\"no_rope_layers\":[1,0,1],\"use_sliding_window\":true,\"sliding_window\":3,\"rope_theta\":2000000.0",
        o => Run(o, new() { Turn = (t, l) => l == 1 ? t : SecondOpinion.Turn(t, 4, 2e6), Window = l => l == 1 ? 3 : null }));

    [Fact]
    public void Granite_multiplies()
        => Same("granite",
            ",\"embedding_multiplier\":3.0,\"residual_multiplier\":0.3,\"attention_multiplier\":0.8,\"logits_scaling\":4.0,\"attention_bias\":true",
        o => Run(o, new() { Bias = true, Scale = 0.8, Residual = 0.3 }, embedding: 3));

    [Fact]
    public void Olmo_clips_and_has_norms_without_weights()
        => Same("olmo", ",\"clip_qkv\":0.3", o => Run(o, new() { Clip = 0.3, Norm = (_, x, _) => SecondOpinion.Plain(x) }));

    [Fact]
    public void Olmo2_norms_outputs_and_all_queries() => Same("olmo2", ",\"rms_norm_eps\":1e-6", o =>
    {
        var x = o.Words("model.embed_tokens", Ids);
        for (var l = 0; l < 3; l++)
        {
            var a = $"model.layers.{l}.";
            Tensor[] Project(string which, int width)
                => [.. o.Split(o.Rms(o.Linear(x, a + $"self_attn.{which}_proj", width, false), a + $"self_attn.{which}_norm"))
                    .Select(t => SecondOpinion.Turn(t, 4))];
            var attended = o.Linear(o.Attend(Project("q", 24), Project("k", 8), o.Split(o.Linear(x, a + "self_attn.v_proj", 8, false))), a + "self_attn.o_proj",
                24, false);
            x = x + o.Rms(attended, a + "post_attention_layernorm");
            x = x + o.Rms(o.Gated(x, a + "mlp", 20), a + "post_feedforward_layernorm");
        }
        return o.Rms(x, "model.norm");
    });

    [Theory, InlineData(true), InlineData(false)]
    public void Qwen3_moe_mixes_experts_in_some_layers(bool normalized)
        => Same("qwen3_moe",
            ",\"num_experts\":5,\"num_experts_per_tok\":2,\"moe_intermediate_size\":12,\"mlp_only_layers\":[1]" +
            $",\"norm_topk_prob\":{(normalized ? "true" : "false")}", o => Run(o, new()
            {
                HeadNorm = (s, t, which, _) => s.Rms(t, which + "_norm"),
                FeedForward = (s, x, l) => l == 1 ? s.Gated(x, "model.layers.1.mlp", 20) : Mixed(s, x, $"model.layers.{l}.mlp", normalized),
            }));

    private static Tensor Mixed(SecondOpinion o, Tensor x, string name, bool normalized)
    {
        var shares = o.Linear(x, name + ".gate", 5, false).softmax(-1);
        var rows = Enumerable.Range(0, 5).Select(e => o.Gated(x, $"{name}.experts.{e}", 12)).ToList();
        return stack([.. Enumerable.Range(0, (int)x.shape[0]).Select(p =>
        {
            var best = Enumerable.Range(0, 5).Select(e => (Expert: e, Share: shares[p, e].item<float>())).OrderByDescending(s => s.Share).Take(2).ToList();
            var sum = normalized ? best.Sum(b => b.Share) : 1;
            return rows[best[0].Expert][p] * (best[0].Share / sum) + rows[best[1].Expert][p] * (best[1].Share / sum);
        })]);
    }

    [Fact]
    public void Stablelm_norms_each_head_with_its_own_weight()
        => Same("stablelm", ",\"qk_layernorm\":true,\"use_qkv_bias\":true,\"partial_rotary_factor\":0.5", o => Run(o, new()
        {
            Bias = true,
            Turn = (t, _) => SecondOpinion.Turn(t, 2),
            Norm = (s, x, name) => s.Layer(x, name),
            HeadNorm = (s, t, which, h) => s.Layer(t, $"{which}_layernorm.norms.{h}", bias: false),
        }, outputBias: false));

    [Fact]
    public void Stablelm_may_be_parallel_with_one_norm() => Same("stablelm", ",\"use_parallel_residual\":true,\"partial_rotary_factor\":0.5", o =>
    {
        var x = o.Words("model.embed_tokens", Ids);
        for (var l = 0; l < 3; l++)
        {
            var n = o.Layer(x, $"model.layers.{l}.input_layernorm");
            x = x + Attention(o, n, new() { Turn = (t, _) => SecondOpinion.Turn(t, 2) }, l) + o.Gated(n, $"model.layers.{l}.mlp", 20);
        }
        return o.Layer(x, "model.norm");
    });

    [Fact]
    public void Cohere_may_norm_each_head() => Same("cohere", ",\"use_qk_norm\":true,\"rope_theta\":700.0", o =>
    {
        var x = o.Words("model.embed_tokens", Ids);
        for (var l = 0; l < 3; l++)
        {
            var n = o.Layer(x, $"model.layers.{l}.input_layernorm", bias: false);
            Layer t = new()
            {
                Turn = (h, _) => SecondOpinion.Turn(h, 4, 700, neighbours: true),
                HeadNorm = (s, p, which, h) => SecondOpinion.Plain(p) * s.Weight(which + "_norm.weight", which.EndsWith('q') ? 6 : 2, 4)[h],
            };
            x = x + Attention(o, n, t, l) + o.Gated(n, $"model.layers.{l}.mlp", 20);
        }
        return o.Layer(x, "model.norm", bias: false);
    });

    [Fact]
    public void Starcoder2_may_have_no_biases_and_a_window() => Same("starcoder2", ",\"use_bias\":false,\"sliding_window\":4", o => Run(o, new()
    {
        Window = _ => 4,
        Norm = (s, x, name) => s.Layer(x, name),
        FeedForward = (s, x, l)
            => s.Linear(s.Linear(x, $"model.layers.{l}.mlp.c_fc", 20, false).gelu(TorchSharp.Modules.GELU.Approximate.tanh), $"model.layers.{l}.mlp.c_proj", 24,
                false),
    }));

    [Theory]
    [InlineData("\"rope_parameters\":{\"full_attention\":{\"rope_theta\":900.0,\"rope_type\":\"linear\",\"factor\":2.0}," +
        "\"sliding_attention\":{\"rope_theta\":50.0,\"rope_type\":\"default\"}}")]
    [InlineData("\"rope_theta\":900.0,\"rope_scaling\":{\"type\":\"linear\",\"factor\":2.0},\"rope_local_base_freq\":50.0")]
    public void Gemma3_inside_an_image_model_rotates_windowed_layers_differently(string rotary)
    {
        Tensor Rms(SecondOpinion o, Tensor x, string name)
            => x / (x.pow(2).mean([-1], keepdim: true) + 1e-6).sqrt() * (1 + o.Weight(name + ".weight", x.shape[^1]));
        Same("gemma3", $",\"text_config\":{{\"model_type\":\"gemma3_text\",{Sizes},\"head_dim\":4,\"sliding_window\":3,\"sliding_window_pattern\":2," +
            $"\"query_pre_attn_scalar\":9,\"attn_logit_softcapping\":2.0,{rotary}}}", o =>
        {
            const string m = "language_model.model.";
            o.Weight("vision_tower.anything.weight", 3);
            var x = o.Words(m + "embed_tokens", Ids) * Math.Sqrt(24);
            for (var l = 0; l < 3; l++)
            {
                var (a, near) = ($"{m}layers.{l}.", l != 1);
                var n = Rms(o, x, a + "input_layernorm");
                Tensor[] Project(string which, int width) => [.. o.Split(o.Linear(n, a + $"self_attn.{which}_proj", width, false))
                    .Select(t => SecondOpinion.Turn(Rms(o, t, a + $"self_attn.{which}_norm"), 4,
                        frequency: i => near ? Math.Pow(50, -i / 2.0) : Math.Pow(900, -i / 2.0) / 2))];
                var attended = o.Attend(Project("q", 24), Project("k", 8), o.Split(o.Linear(n, a + "self_attn.v_proj", 8, false)), scale: 1 / 3.0,
                    window: near ? 3 : null, cap: 2);
                x = x + Rms(o, o.Linear(attended, a + "self_attn.o_proj", 24, false), a + "post_attention_layernorm");
                n = Rms(o, x, a + "pre_feedforward_layernorm");
                var fed = o.Linear(o.Linear(n, a + "mlp.gate_proj", 20, false)
                    .gelu(TorchSharp.Modules.GELU.Approximate.tanh) * o.Linear(n, a + "mlp.up_proj", 20, false), a + "mlp.down_proj", 24, false);
                x = x + Rms(o, fed, a + "post_feedforward_layernorm");
            }
            return Rms(o, x, m + "norm");
        }, sizes: "\"tie_word_embeddings\":true");
    }

    private static double[] Plain => [1, 0.01];

    /// <summary>Scalings with a head of 4 values: frequencies 1 and 0.01 at theta 10000.</summary>
    public static TheoryData<string, double[], double> Scalings() => new()
    {
        { "\"rope_scaling\":{\"type\":\"linear\",\"factor\":4.0}", [0.25, 0.0025], 1 },
        // Nine positions with a context of 6: theta · (2 · 9/6 - 1)^(4/2).
        { "\"max_position_embeddings\":6,\"rope_scaling\":{\"rope_type\":\"dynamic\",\"factor\":2.0}", [1, 1 / Math.Sqrt(10000 * 4.0)], 1 },
        // Wavelengths of 6.3 and 628 positions; 4/4 < 6.3 < 8/1 is blended, 628 is divided.
        { "\"rope_parameters\":{\"rope_theta\":10000.0,\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0," +
            "\"original_max_position_embeddings\":8}",
            [Blend((8 / (2 * Math.PI) - 1) / 3), 0.01 / 8], 1 },
        // low = floor(dim(32)) = 0 and high = ceil(dim(1)) of an original context of 16: 4·ln(16/2pi)/(2·ln 10000) = 0.2, so 1: the first stays, the second is
        // divided.
        { "\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4.0,\"original_max_position_embeddings\":16}", [1, 0.0025], 0.1 * Math.Log(4) + 1 },
    };

    private static double Blend(double smooth) => (1 - smooth) / 8 + smooth;

    [Theory, MemberData(nameof(Scalings))]
    public void Llama_scales_frequencies(string rotary, double[] frequencies, double factor)
    {
        Assert.NotEqual(Plain, frequencies);
        var sizes = rotary.Contains("max_position_embeddings\":6") ? Sizes.Replace("\"max_position_embeddings\":32,", "") : Sizes;
        SecondOpinionTests.Same(new(6, 2, 4), $$"""{"model_type":"llama",{{sizes}},{{rotary}}}""",
            o => Run(o, new() { Turn = (t, _) => SecondOpinion.Turn(t, 4, frequency: i => frequencies[i], factor: factor) }),
            prefix: !rotary.Contains("dynamic"));
    }

    /// <summary>Nine tokens exceed the original context of 6, so the long divisors and the factor on cos and sin are used.</summary>
    [Theory, InlineData("su", 6, true), InlineData("longrope", 20, false)]
    public void Phi3_rotates_by_short_or_long_divisors(string type, int original, bool beyond)
        => SecondOpinionTests.Same(new(6, 2, 4),
            $$"""{"model_type":"phi3",{{Sizes}},"original_max_position_embeddings":{{original}},"rope_scaling":{"type":"{{type}}","short_factor":[1.1,1.7],""" +
                $$""" "long_factor":[2.5,4.0]} }""", o =>
        {
            double[] divisors = beyond ? [2.5, 4] : [1.1, 1.7];
            var factor = Math.Sqrt(1 + Math.Log(32.0 / original) / Math.Log(original));
            Tensor Turn(Tensor t) => SecondOpinion.Turn(t, 4, frequency: i => Math.Pow(10000, -i / 2.0) / divisors[i], factor: factor);
            var x = o.Words("model.embed_tokens", Ids);
            for (var l = 0; l < 3; l++)
            {
                var a = $"model.layers.{l}.";
                var parts = o.Split(o.Linear(o.Rms(x, a + "input_layernorm", 1e-5), a + "self_attn.qkv_proj", 40, false));
                x = x + o.Linear(o.Attend([.. parts[..6].Select(Turn)], [.. parts[6..8].Select(Turn)], parts[8..]), a + "self_attn.o_proj", 24, false);
                var both = o.Linear(o.Rms(x, a + "post_attention_layernorm", 1e-5), a + "mlp.gate_up_proj", 40, false);
                x = x + o.Linear(F.silu(both.narrow(1, 0, 20)) * both.narrow(1, 20, 20), a + "mlp.down_proj", 24, false);
            }
            return o.Rms(x, "model.norm", 1e-5);
        }, prefix: !beyond);
}

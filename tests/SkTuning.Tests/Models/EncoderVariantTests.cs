using System.Globalization;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tests.Models;

/// <summary>
/// Families and settings without a fixture, compared with a second, plain implementation of their definition or with the fixture of a related family.
/// </summary>
public sealed class EncoderVariantTests
{
    private static readonly long[] Ids = [5, 17, 3, 90, 41, 8, 66, 12, 23, 7, 55, 31, 2];

    private static string Models(string family)
    {
        var folder = Path.Combine(Fixtures.Root, "models", family);
        Assert.SkipUnless(Directory.Exists(folder), $"no {family} fixture here");
        return folder;
    }

    [Theory]
    [InlineData("roberta", "xlm-roberta", "roberta.")]
    [InlineData("bert", "electra", "electra.")]
    [InlineData("bert", "bert", "bert.")]
    [InlineData("albert", "albert", "albert.")]
    [InlineData("distilbert", "distilbert", "distilbert.")]
    [InlineData("deberta-v2", "deberta-v2", "deberta.")]
    [InlineData("modernbert", "modernbert", "model.")]
    public void Related_families_and_prefixed_names_give_the_same_states(string fixture, string type, string prefix)
    {
        using var folder = ModelFolder.From(Models(fixture), c =>
        {
            c["model_type"] = type;
            if (type == "electra") c["embedding_size"] = 32;
        }, n => prefix + n);
        SameAsExpected(folder);
    }

    [Fact]
    public void Norms_named_gamma_and_beta_are_read()
    {
        using var folder = ModelFolder.From(Models("bert"), rename: n => n.Replace("LayerNorm.weight", "LayerNorm.gamma")
            .Replace("LayerNorm.bias", "LayerNorm.beta"));
        SameAsExpected(folder);
    }

    [Fact]
    public void Missing_settings_take_the_familys_values()
    {
        using var folder = ModelFolder.From(Models("bert"), c =>
        {
            foreach (var key in (string[])["hidden_act", "layer_norm_eps", "type_vocab_size", "tie_word_embeddings", "is_decoder", "pad_token_id"])
                c.Remove(key);
        });
        SameAsExpected(folder);
    }

    [Fact]
    public void ELECTRA_projects_its_narrow_embeddings()
    {
        const string config = """{"model_type":"electra","vocab_size":97,"embedding_size":8,"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":4,""" +
            """ "intermediate_size":24,"max_position_embeddings":20}""";
        using var folder = ModelFolder.Random(config, [.. Embeddings(8, types: 2), .. Linear("embeddings_project", 8, 16), .. Layers(2, BertLayer),
            .. Linear("discriminator_predictions.dense", 16, 16), .. Linear("generator_predictions.dense", 16, 8),
            .. Norm("generator_predictions.LayerNorm", 8), .. Linear("generator_lm_head", 8, 97)]);
        Same(folder, 4, p =>
        {
            var x = p.Linear(p.Norm(p.Embed(Ids, 0, types: true), "embeddings.LayerNorm"), "embeddings_project");
            for (var l = 0; l < 2; l++) x = BertBlock(p, x, l);
            return x;
        }, (p, x) => F.linear(p.Norm(F.gelu(p.Linear(x, "generator_predictions.dense")), "generator_predictions.LayerNorm"),
        p["embeddings.word_embeddings.weight"], p["generator_lm_head.bias"]));
    }

    [Theory]
    [InlineData(4, 2, 1)]
    [InlineData(3, 2, 2)]
    [InlineData(2, 1, 3)]
    public void ALBERT_runs_the_inner_layers_of_its_groups(int layers, int groups, int inner)
    {
        var config = $$"""{"model_type":"albert","vocab_size":97,"embedding_size":8,"hidden_size":16,"num_hidden_layers":{{layers}},""" +
            $$""" "num_hidden_groups":{{groups}},"inner_group_num":{{inner}},"num_attention_heads":4,"intermediate_size":24,"max_position_embeddings":20}""";
        var names = from g in Enumerable.Range(0, groups) from i in Enumerable.Range(0, inner) select $"encoder.albert_layer_groups.{g}.albert_layers.{i}.";
        using var folder = ModelFolder.Random(config, [.. Embeddings(8, types: 2), .. Linear("encoder.embedding_hidden_mapping_in", 8, 16),
            .. names.SelectMany(n => (IEnumerable<(string, long[])>)[
            .. Linear(n + "attention.query", 16, 16), .. Linear(n + "attention.key", 16, 16), .. Linear(n + "attention.value", 16, 16),
            .. Linear(n + "attention.dense", 16, 16),
            .. Norm(n + "attention.LayerNorm", 16), .. Linear(n + "ffn", 16, 24), .. Linear(n + "ffn_output", 24, 16),
            .. Norm(n + "full_layer_layer_norm", 16)])]);
        Same(folder, 4, p =>
        {
            var x = p.Linear(p.Norm(p.Embed(Ids, 0, types: true), "embeddings.LayerNorm"), "encoder.embedding_hidden_mapping_in");
            for (var l = 0; l < layers; l++)
                for (var i = 0; i < inner; i++)
                {
                    var n = $"encoder.albert_layer_groups.{(int)(l / ((double)layers / groups))}.albert_layers.{i}.";
                    x = p.Norm(x + p.Linear(p.Attend(x, n + "attention.query", n + "attention.key", n + "attention.value"), n + "attention.dense"),
                        n + "attention.LayerNorm");
                    x = p.Norm(x + p.Linear(p.Linear(x, n + "ffn").gelu(TorchSharp.Modules.GELU.Approximate.tanh), n + "ffn_output"),
                        n + "full_layer_layer_norm");
                }
            return x;
        });
    }

    [Fact]
    public void MPNet_adds_a_number_for_each_head_and_bucket_of_distances()
    {
        using var folder = MpNet();
        // Long enough for distances to share buckets, on both sides of the last one.
        var ids = Enumerable.Range(0, 150).Select(i => (long)(i * 7 % 97)).ToArray();
        Same(folder, 4, p =>
        {
            var table = p["encoder.relative_attention_bias.weight"].data<float>().ToArray();
            var x = p.Norm(p.Embed(ids, 2, types: false), "embeddings.LayerNorm");
            for (var l = 0; l < 2; l++)
            {
                var n = $"encoder.layer.{l}.";
                var attended = p.Attend(x, n + "attention.attn.q", n + "attention.attn.k", n + "attention.attn.v",
                    extra: (h, i, j, _, _) => table[Bucket(j - i) * 4 + h]);
                x = p.Norm(x + p.Linear(attended, n + "attention.attn.o"), n + "attention.LayerNorm");
                x = p.Norm(x + p.Linear(F.gelu(p.Linear(x, n + "intermediate.dense")), n + "output.dense"), n + "output.LayerNorm");
            }
            return x;
        }, (p, x) => F.linear(p.Norm(F.gelu(p.Linear(x, "lm_head.dense")), "lm_head.layer_norm"), p["embeddings.word_embeddings.weight"], p["lm_head.bias"]),
            ids);

        // 16 buckets for keys up to the query, 16 for later keys. 8 of each hold one distance, 8 grow by the logarithm up to 128.
        static int Bucket(int keyBehindQuery)
        {
            var (side, n) = keyBehindQuery > 0 ? (16, keyBehindQuery) : (0, -keyBehindQuery);
            return side + (n < 8 ? n : Math.Min(15, 8 + (int)(MathF.Log(n / 8f) / Math.Log(16) * 8)));
        }
    }

    internal static ModelFolder MpNet() => ModelFolder.Random(
        """{"model_type":"mpnet","vocab_size":97,"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":4,"intermediate_size":24,""" +
            """ "max_position_embeddings":160,"pad_token_id":0,"relative_attention_num_buckets":32}""",
        [.. Embeddings(16, types: 0, rows: 160), ("encoder.relative_attention_bias.weight", [32, 4]), .. Layers(2, n => [
            .. Linear(n + "attention.attn.q", 16, 16), .. Linear(n + "attention.attn.k", 16, 16), .. Linear(n + "attention.attn.v", 16, 16),
            .. Linear(n + "attention.attn.o", 16, 16),
            .. Norm(n + "attention.LayerNorm", 16), .. FeedForward(n)]), .. Linear("pooler.dense", 16, 16), .. Linear("lm_head.dense", 16, 16),
                .. Norm("lm_head.layer_norm", 16), ("lm_head.bias", [97])]);

    public static TheoryDataRow<string>[] DeBERTas() =>
    [
        new(""" "pos_att_type":"p2c|c2p","share_att_key":false,"norm_rel_ebd":"none","position_biased_input":true,"type_vocab_size":2 """),
        new(""" "pos_att_type":["c2p"],"share_att_key":true,"norm_rel_ebd":"layer_norm","position_buckets":4,"max_relative_positions":-1,""" +
            """ "position_biased_input":false """),
        new(""" "pos_att_type":["p2c"],"share_att_key":false,"max_relative_positions":5,"position_biased_input":false """),
        new(""" "pos_att_type":"c2p|p2c","share_att_key":true,"norm_rel_ebd":"layer_norm","position_buckets":8,"position_biased_input":false,""" +
            """ "conv_kernel_size":3,"conv_act":"gelu" """),
        new(""" "pos_att_type":"c2p|p2c","share_att_key":true,"position_buckets":6,"embedding_size":8,"position_biased_input":true,"conv_kernel_size":5,""" +
            """ "conv_groups":2 """),
        new(""" "relative_attention":false,"type_vocab_size":3 """),
        new(""" "relative_attention":false,"pos_att_type":"c2p|p2c","share_att_key":true,"norm_rel_ebd":"layer_norm" """),
    ];

    [Theory, MemberData(nameof(DeBERTas))]
    public void DeBERTa_compares_contents_with_distances(string settings)
    {
        using var folder = DeBERTa(settings, out var s);
        Same(folder, 4, p =>
        {
            var x = p.Rows("embeddings.word_embeddings", Ids);
            if (s.Absolute) x += p.Rows("embeddings.position_embeddings", [.. Ids.Select((_, i) => (long)i)]);
            if (s.Types > 0) x += p["embeddings.token_type_embeddings.weight"][0];
            if (s.Width != 16) x = p.Linear(x, "embeddings.embed_proj");
            x = p.Norm(x, "embeddings.LayerNorm");
            var embedded = x;
            var distances = s.Relative ? p["encoder.rel_embeddings.weight"] : null;
            if (s.Normed && s.Relative) distances = p.Norm(distances!, "encoder.LayerNorm");
            for (var l = 0; l < 2; l++)
            {
                var n = $"encoder.layer.{l}.";
                var scale = 1 / Math.Sqrt(4.0 * (1 + (s.C2p ? 1 : 0) + (s.P2c ? 1 : 0)));
                var ofKey = s.C2p && s.Relative ? p.Linear(distances!, n + (s.Shared ? "attention.self.key_proj" : "attention.self.pos_key_proj")) : null;
                var ofQuery = s.P2c && s.Relative ? p.Linear(distances!, n + (s.Shared ? "attention.self.query_proj" : "attention.self.pos_query_proj")) : null;
                var attended = p.Attend(x, n + "attention.self.query_proj", n + "attention.self.key_proj", n + "attention.self.value_proj", scale,
                    (h, i, j, q, k) =>
                {
                    var sum = 0.0;
                    if (ofKey is not null) sum += PlainEncoder.Dot(q, ofKey[Row(i - j)].narrow(0, h * 4, 4));
                    // The original uses the distance of the key to the query and changes the sign.
                    if (ofQuery is not null) sum += PlainEncoder.Dot(k, ofQuery[Math.Clamp(-Distance(j - i) + s.Span, 0, 2 * s.Span - 1)].narrow(0, h * 4, 4));
                    return sum * scale;
                });
                x = p.Norm(x + p.Linear(attended, n + "attention.output.dense"), n + "attention.output.LayerNorm");
                x = p.Norm(x + p.Linear(F.gelu(p.Linear(x, n + "intermediate.dense")), n + "output.dense"), n + "output.LayerNorm");
                if (l == 0 && s.Kernel > 0) x = p.Norm(x + Convolved(p, embedded), "encoder.conv.LayerNorm");
            }
            return x;

            int Row(int back) => Math.Clamp(Distance(back) + s.Span, 0, 2 * s.Span - 1);
        });

        int Distance(int back)
        {
            var middle = s.Buckets / 2;
            if (s.Buckets <= 0 || Math.Abs(back) <= middle) return back;
            var far = MathF.Log(Math.Abs(back) / (float)middle) / MathF.Log((s.Farthest - 1) / (float)middle) * (middle - 1);
            return Math.Sign(back) * ((int)MathF.Ceiling(far) + middle);
        }

        Tensor Convolved(PlainEncoder p, Tensor x)
        {
            var (weight, perGroup, half) = (p["encoder.conv.conv.weight"], 16 / s.Groups, s.Kernel / 2);
            var rows = new List<Tensor>();
            for (var t = 0; t < Ids.Length; t++)
            {
                var sum = p["encoder.conv.conv.bias"].clone();
                for (var w = -half; w <= half; w++)
                    if (t + w >= 0 && t + w < Ids.Length)
                        for (var o = 0; o < 16; o++)
                            sum[o] = sum[o] + (weight[o].select(1, w + half) * x[t + w].narrow(0, o / perGroup * perGroup, perGroup)).sum();
                rows.Add(sum);
            }
            var mixed = stack(rows);
            return settings.Contains("conv_act") ? F.gelu(mixed) : mixed.tanh();
        }
    }

    internal sealed record DeBERTaSettings(bool Relative, bool C2p, bool P2c, bool Shared, bool Normed, int Buckets, int Farthest, int Span, bool Absolute,
        int Types, int Width, int Kernel, int Groups);

    internal static ModelFolder DeBERTa(string settings, out DeBERTaSettings s)
    {
        var relative = !settings.Contains("\"relative_attention\":false");
        var (buckets, farthest) = (Number("position_buckets", -1), Number("max_relative_positions", -1));
        if (farthest < 1) farthest = 20;
        s = new(relative, settings.Contains("c2p"), settings.Contains("p2c"), settings.Contains("\"share_att_key\":true"), settings.Contains("layer_norm"),
            buckets, farthest,
            buckets > 0 ? buckets : farthest, !settings.Contains("\"position_biased_input\":false"), Number("type_vocab_size", 0), Number("embedding_size", 16),
            Number("conv_kernel_size", 0), Number("conv_groups", 1));
        var t = s;
        var config = $$"""{"model_type":"deberta-v2","vocab_size":97,"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":4,"intermediate_size":24,""" +
            $$""" "max_position_embeddings":20,"layer_norm_eps":1e-12,{{(relative ? "\"relative_attention\":true," : "")}}{{settings}}}""";
        return ModelFolder.Random(config, [
            .. Embeddings(t.Width, t.Types, t.Absolute ? 20 : 0, normed: 16),
            .. t.Width == 16 ? [] : new[] { ("embeddings.embed_proj.weight", new long[] { 16, t.Width }) },
            .. relative ? [("encoder.rel_embeddings.weight", new long[] { 2 * t.Span, 16 })] : Array.Empty<(string, long[])>(),
            .. t.Normed ? Norm("encoder.LayerNorm", 16) : [],
            .. t.Kernel == 0 ? [] : new[] { ("encoder.conv.conv.weight", new long[] { 16, 16 / t.Groups, t.Kernel }), ("encoder.conv.conv.bias", [16]) },
            .. t.Kernel == 0 ? [] : Norm("encoder.conv.LayerNorm", 16),
            .. Layers(2, n => [.. Linear(n + "attention.self.query_proj", 16, 16), .. Linear(n + "attention.self.key_proj", 16, 16),
                .. Linear(n + "attention.self.value_proj", 16, 16),
                .. t.C2p && !t.Shared ? Linear(n + "attention.self.pos_key_proj", 16, 16) : [],
                .. t.P2c && !t.Shared ? Linear(n + "attention.self.pos_query_proj", 16, 16) : [],
                .. Linear(n + "attention.output.dense", 16, 16), .. Norm(n + "attention.output.LayerNorm", 16), .. FeedForward(n)])]);

        int Number(string key, int orElse)
            => System.Text.RegularExpressions.Regex.Match(settings, $"\"{key}\":(-?[0-9]+)") is { Success: true } m
                ? int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture) : orElse;
    }

    private static Tensor BertBlock(PlainEncoder p, Tensor x, int layer)
    {
        var n = $"encoder.layer.{layer}.";
        x = p.Norm(x + p.Linear(p.Attend(x, n + "attention.self.query", n + "attention.self.key", n + "attention.self.value"), n + "attention.output.dense"),
            n + "attention.output.LayerNorm");
        return p.Norm(x + p.Linear(F.gelu(p.Linear(x, n + "intermediate.dense")), n + "output.dense"), n + "output.LayerNorm");
    }

    private static IEnumerable<(string, long[])> Linear(string name, long inputs, long outputs)
        => [(name + ".weight", [outputs, inputs]), (name + ".bias", [outputs])];

    private static IEnumerable<(string, long[])> Norm(string name, long size) => [(name + ".weight", [size]), (name + ".bias", [size])];

    private static IEnumerable<(string, long[])> Layers(int count, Func<string, IEnumerable<(string, long[])>> layer)
        => Enumerable.Range(0, count).SelectMany(l => layer($"encoder.layer.{l}."));

    private static IEnumerable<(string, long[])> BertLayer(string n)
        => [.. Linear(n + "attention.self.query", 16, 16), .. Linear(n + "attention.self.key", 16, 16),
        .. Linear(n + "attention.self.value", 16, 16), .. Linear(n + "attention.output.dense", 16, 16), .. Norm(n + "attention.output.LayerNorm", 16),
        .. FeedForward(n)];

    private static IEnumerable<(string, long[])> FeedForward(string n)
        => [.. Linear(n + "intermediate.dense", 16, 24), .. Linear(n + "output.dense", 24, 16), .. Norm(n + "output.LayerNorm", 16)];

    private static IEnumerable<(string, long[])> Embeddings(long width, long types, long rows = 20, long? normed = null)
    {
        yield return ("embeddings.word_embeddings.weight", [97, width]);
        if (rows > 0) yield return ("embeddings.position_embeddings.weight", [rows, width]);
        if (types > 0) yield return ("embeddings.token_type_embeddings.weight", [types, width]);
        foreach (var norm in Norm("embeddings.LayerNorm", normed ?? width)) yield return norm;
    }

    private static void SameAsExpected(ModelFolder folder)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var p = new Parity(folder.Location, "config.json");
        for (var r = 0; r < p.Lengths.Length; r++)
            Fixtures.AssertClose(p.ExpectedRow("hidden", r), p.Transformer.Forward(new() { Ids = p.Row(r) }).Hidden[0], $"hidden of row {r}");
    }

    private static void Same(ModelFolder folder, int heads, Func<PlainEncoder, Tensor> plain, Func<PlainEncoder, Tensor, Tensor>? head = null,
        long[]? ids = null)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var transformer = folder.Load();
        var reference = new PlainEncoder(folder.Tensors(), heads, 1e-12f);
        var (expected, row) = (plain(reference), tensor(ids ?? Ids).unsqueeze(0));
        var hidden = transformer.Forward(new() { Ids = row }).Hidden;
        Fixtures.AssertClose(expected, hidden[0], "hidden");
        Assert.Equal(head is not null, transformer.HasMaskedHead);
        if (head is not null) Fixtures.AssertClose(head(reference, expected), transformer.MaskedLogits(hidden)[0], "mlm_logits");
        // The row again in a batch with a longer one, padded on either side.
        foreach (var left in (bool[])[false, true])
        {
            const int padding = 4;
            var (more, length) = (zeros(1, padding, ScalarType.Int64), row.shape[1]);
            var longer = cat([row, row.narrow(1, 0, padding)], 1);
            var batch = cat([left ? cat([more, row], 1) : cat([row, more], 1), longer], 0);
            var (real, unreal) = (ones(1, length, ScalarType.Int64), zeros(1, padding, ScalarType.Int64));
            var mask = cat([left ? cat([unreal, real], 1) : cat([real, unreal], 1), ones(1, length + padding, ScalarType.Int64)], 0);
            var states = transformer.Forward(new() { Ids = batch, Mask = mask }).Hidden;
            Fixtures.AssertClose(expected, states[0].narrow(0, left ? padding : 0, length), $"hidden, {(left ? "left" : "right")} padding");
        }
    }
}

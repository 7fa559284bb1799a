using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>Settings that are not implemented or that no model has are refused by name. Nothing is guessed.</summary>
public sealed class EncoderSettingsTests
{
    [Theory]
    [InlineData("bert", "position_embedding_type", "\"relative_key\"")]
    [InlineData("bert", "is_decoder", "true")]
    [InlineData("bert", "add_cross_attention", "true")]
    [InlineData("bert", "hidden_act", "\"mish\"")]
    [InlineData("bert", "pruned_heads", """{"0":[1]}""")]
    [InlineData("bert", "num_attention_heads", "5")]
    [InlineData("bert", "hidden_size", "-32")]
    [InlineData("roberta", "position_embedding_type", "\"relative_key_query\"")]
    [InlineData("roberta", "pad_token_id", "-1")]
    [InlineData("roberta", "pad_token_id", "1000")]
    [InlineData("distilbert", "n_heads", "5")]
    [InlineData("distilbert", "activation", "\"sigmoid\"")]
    [InlineData("albert", "num_hidden_groups", "4")]
    [InlineData("albert", "inner_group_num", "1000000")]
    [InlineData("deberta-v2", "pos_att_type", "\"p2p\"")]
    [InlineData("deberta-v2", "position_buckets", "1")]
    [InlineData("deberta-v2", "position_buckets", "100000000")]
    [InlineData("deberta-v2", "attention_head_size", "9")]
    [InlineData("deberta-v2", "conv_kernel_size", "2")]
    [InlineData("modernbert", "layer_types", """["full_attention","global","sliding_attention"]""")]
    [InlineData("modernbert", "layer_types", """["full_attention"]""")]
    [InlineData("modernbert", "rope_parameters", """{"rope_theta":10000,"rope_type":"default"}""", "rope_parameters.full_attention")]
    [InlineData("modernbert", "is_causal", "true")]
    public void A_setting_is_refused_by_name(string family, string key, string value, string? named = null)
    {
        var fixture = Path.Combine(Fixtures.Root, "models", family);
        Assert.SkipUnless(Directory.Exists(fixture), $"no {family} fixture here");
        using var folder = ModelFolder.From(fixture, c => c[key] = JsonNode.Parse(value));
        var error = Assert.Throws<SkTuningFileException>(() => folder.Load());
        Assert.Equal(named ?? key, error.Key);
        Assert.Contains("config.json", error.Message);
    }

    [Fact]
    public void Fewer_buckets_than_MPNet_uses_are_refused()
    {
        using var scope = NewDisposeScope();
        using var folder = EncoderVariantTests.MpNet();
        var config = Path.Combine(folder.Location, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"relative_attention_num_buckets\":32", "\"relative_attention_num_buckets\":8"));
        Assert.Equal("relative_attention_num_buckets", Assert.Throws<SkTuningFileException>(() => folder.Load()).Key);
    }

    [Fact]
    public void A_tensor_that_the_settings_do_not_need_is_refused_by_name()
    {
        using var folder = EncoderVariantTests.DeBERTa(EncoderVariantTests.DeBERTas()[0].Data, out _);
        var config = Path.Combine(folder.Location, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"share_att_key\":false", "\"share_att_key\":true"));
        Assert.Equal("encoder.layer.0.attention.self.pos_key_proj.bias", Assert.Throws<SkTuningFileException>(() => folder.Load()).Key);
    }

    [Theory]
    [InlineData("bert", 64, true)]
    [InlineData("roberta", 62, true)]
    [InlineData("modernbert", 64, false)]
    public void Texts_may_be_as_long_as_the_position_table(string family, int context, bool table)
    {
        var fixture = Path.Combine(Fixtures.Root, "models", family);
        Assert.SkipUnless(Directory.Exists(fixture), $"no {family} fixture here");
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var folder = ModelFolder.From(fixture);
        using var transformer = folder.Load();
        Assert.Equal(context, transformer.Config.Context);
        transformer.Forward(new() { Ids = ones(1, context, ScalarType.Int64) });
        if (table)
        {
            var ids = ones(1, context + 1, ScalarType.Int64);
            Assert.Contains($"more than the {context}", Assert.ThrowsAny<SkTuningException>(() => transformer.Forward(new() { Ids = ids })).Message);
        }
    }
}

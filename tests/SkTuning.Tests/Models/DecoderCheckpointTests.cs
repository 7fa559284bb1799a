using SkTuning.Checkpoints;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>
/// Checkpoints of decoders in their published forms: with or without prefix, with a copy of the tied head, with buffers; and checkpoints that do not fit.
/// </summary>
public sealed class DecoderCheckpointTests
{
    /// <summary>Fixtures of causal families, all of them made for this project.</summary>
    public static TheoryData<string, string> Prefixes() => new()
    {
        { "llama", "model." }, { "gpt2", "transformer." }, { "bloom", "transformer." }, { "falcon-7b", "transformer." }, { "gpt_neox", "gpt_neox." },
        { "opt", "model." }, { "opt", "model.decoder." },
        { "mpt", "transformer." }, { "phi", "model." }, { "gemma3_text", "model." }, { "mixtral", "model." },
    };

    [Theory, MemberData(nameof(Prefixes))]
    public void A_base_model_saved_without_its_prefix_is_the_same(string family, string prefix)
    {
        var fixture = Fixture(family);
        using var folder = ModelFolder.From(fixture, rename: n => n.StartsWith(prefix, StringComparison.Ordinal) ? n[prefix.Length..] : n);
        Same(fixture, folder);
    }

    [Theory, InlineData("gpt2", "transformer.wte.weight"), InlineData("gemma", "model.embed_tokens.weight"),
        InlineData("bloom", "transformer.word_embeddings.weight"), InlineData("opt", "model.decoder.embed_tokens.weight")]
    public void A_stored_copy_of_a_tied_head_changes_nothing(string family, string words)
    {
        var fixture = Fixture(family);
        using var folder = Changed(fixture, tensors => tensors["lm_head.weight"] = tensors[words]);
        Same(fixture, folder);
    }

    [Theory]
    [InlineData("gpt2", "transformer.h.0.attn.bias")]
    [InlineData("gpt2", "transformer.h.0.attn.masked_bias")]
    [InlineData("gpt_neox", "gpt_neox.layers.1.attention.bias")]
    [InlineData("gpt_neox", "gpt_neox.layers.1.attention.rotary_emb.inv_freq")]
    [InlineData("llama", "model.layers.0.self_attn.rotary_emb.inv_freq")]
    [InlineData("mistral", "score.weight")]
    public void Buffers_and_the_heads_of_classifiers_are_ignored(string family, string name)
    {
        var fixture = Fixture(family);
        using var folder = Changed(fixture, tensors => tensors[name] = ones(2, 3));
        Same(fixture, folder);
    }

    [Fact]
    public void Without_an_lm_head_there_are_states_but_no_logits()
    {
        using var folder = Changed(Fixture("mistral"), tensors => tensors.Remove("lm_head.weight"));
        using var transformer = folder.Load();
        Assert.False(transformer.HasHead);
        var error = Assert.ThrowsAny<SkTuningException>(() => transformer.Logits(zeros(1, transformer.Config.Hidden)));
        Assert.Contains("no LM head", error.Message);
    }

    [Theory]
    [InlineData("llama", "model.layers.0.self_attn.extra.weight", null, "does not use")]
    [InlineData("mpt", "transformer.blocks.0.attn.Wqkv.bias", null, "does not use")]
    [InlineData("llama", null, "model.layers.1.mlp.up_proj.weight", "missing")]
    [InlineData("mixtral", null, "model.layers.1.block_sparse_moe.experts.3.w2.weight", "missing")]
    [InlineData("phi", null, "lm_head.bias", "lm_head.bias")]
    public void A_tensor_too_many_or_too_few_is_refused_by_name(string family, string? added, string? removed, string says)
    {
        using var folder = Changed(Fixture(family), tensors =>
        {
            if (added is not null) tensors[added] = ones(2);
            if (removed is not null) Assert.True(tensors.Remove(removed));
        });
        var error = Assert.ThrowsAny<SkTuningException>(() => folder.Load());
        Assert.Contains(added ?? removed!, error.Message);
        Assert.Contains(says, error.Message);
    }

    private static string Fixture(string family)
    {
        var folder = Path.Combine(Fixtures.Root, "models", family);
        Assert.SkipUnless(Directory.Exists(folder), $"no fixture {family} here");
        return folder;
    }

    private static ModelFolder Changed(string fixture, Action<Dictionary<string, Tensor>> change)
    {
        var folder = ModelFolder.From(fixture);
        using var scope = NewDisposeScope();
        var tensors = folder.Tensors();
        change(tensors);
        SafetensorsWriter.Write(Path.Combine(folder.Location, "model.safetensors"), [.. tensors.Select(t => (t.Key, t.Value))]);
        return folder;
    }

    private static void Same(string fixture, ModelFolder folder)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var expected = Fixtures.Read(Path.Combine(fixture, "expected.safetensors")).Tensors;
        using var transformer = folder.Load();
        var length = expected["lengths"][0].item<long>();
        var states = transformer.Forward(new() { Ids = expected["input_ids"][0].narrow(0, 0, length).unsqueeze(0) }).Hidden;
        Fixtures.AssertClose(expected["hidden"][0].narrow(0, 0, length), states[0], "states");
        if (transformer.HasHead) Fixtures.AssertClose(expected["logits"][0].narrow(0, 0, length), transformer.Logits(states)[0], "logits");
    }
}

using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>The masked-LM heads of encoders equal Hugging Face's to 1e-4.</summary>
[Trait("Category", "Parity")]
public sealed class MaskedHeadTests
{
    public static IEnumerable<TheoryDataRow<string>> Families()
        => Fixtures.Folders("mlm", "expected.safetensors", "model.safetensors").Select(f => new TheoryDataRow<string>(f));

    private static string Folder(string family) => Path.Combine(Fixtures.Root, "mlm", family);

    [Theory, MemberData(nameof(Families))]
    public void States_and_scores_equal(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var p = new Parity(Folder(family), "config.json");
        Assert.True(p.Transformer.HasMaskedHead);
        Assert.False(p.Transformer.HasHead);
        for (var r = 0; r < p.Lengths.Length; r++)
        {
            var hidden = p.Transformer.Forward(new() { Ids = p.Row(r) }).Hidden;
            Fixtures.AssertClose(p.ExpectedRow("hidden", r), hidden[0], $"hidden of row {r}");
            Fixtures.AssertClose(p.ExpectedRow("mlm_logits", r), p.Transformer.MaskedLogits(hidden)[0], $"mlm_logits of row {r}");
        }
    }

    [Fact]
    public void DeBERTas_newer_names_of_the_head_are_found()
    {
        if (!Directory.Exists(Folder("deberta-v2"))) Assert.Skip("no deberta-v2 fixture here");
        using var folder = ModelFolder.From(Folder("deberta-v2"), c => c["legacy"] = false,
            n => n.Replace("cls.predictions.transform.", "lm_predictions.lm_head.").Replace("cls.predictions.bias", "lm_predictions.lm_head.bias"));
        Compare(folder, "deberta-v2");
    }

    [Fact]
    public void A_bias_under_the_decoders_name_and_a_stored_copy_of_the_words_do_no_harm()
    {
        if (!Directory.Exists(Folder("bert"))) Assert.Skip("no bert fixture here");
        using var folder = ModelFolder.From(Folder("bert"), rename: n => n == "cls.predictions.bias" ? "cls.predictions.decoder.bias" : n);
        Compare(folder, "bert");
    }

    [Fact]
    public void Without_its_bias_the_head_is_missing_and_its_other_tensors_are_named()
    {
        if (!Directory.Exists(Folder("bert"))) Assert.Skip("no bert fixture here");
        using var folder = ModelFolder.From(Folder("bert"), rename: n => n == "cls.predictions.bias" ? null : n);
        var error = Assert.Throws<SkTuningFileException>(() => folder.Load());
        Assert.Equal("cls.predictions.transform.LayerNorm.bias", error.Key);
    }

    [Fact]
    public void A_model_without_the_head_says_so_when_asked()
    {
        if (!Directory.Exists(Path.Combine(Fixtures.Root, "models", "bert"))) Assert.Skip("no bert fixture here");
        using var scope = NewDisposeScope();
        using var p = new Parity(Path.Combine(Fixtures.Root, "models", "bert"), "config.json");
        Assert.False(p.Transformer.HasMaskedHead);
        Assert.Contains("no masked-LM head", Assert.ThrowsAny<SkTuningException>(() => p.Transformer.MaskedLogits(zeros(1, 32))).Message);
    }

    private static void Compare(ModelFolder folder, string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var p = new Parity(folder.Location, "config.json");
        Fixtures.AssertClose(p.ExpectedRow("mlm_logits", 0), p.Transformer.MaskedLogits(p.Transformer.Forward(new() { Ids = p.Row(0) }).Hidden)[0],
            $"mlm_logits of {family}");
    }
}

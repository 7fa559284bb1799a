using System.Text.Json.Nodes;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>
/// A prefix in encoders, which Hugging Face does not support, tested by properties that must hold: a prefix that was read equals the keys and values of a plain
/// run in the first layer, a hidden or empty prefix changes nothing, and no row depends on its batch or padding.
/// </summary>
public sealed class EncoderPrefixTests
{
    private const long P = 4;
    private static readonly long[] Prompt = [11, 2, 33, 44], Text = [5, 17, 3, 90, 41, 8, 66];

    /// <summary>The encoder fixtures, and models that the test creates.</summary>
    public static IEnumerable<TheoryDataRow<string>> Encoders()
    {
        foreach (var family in Fixtures.Folders("models", "model.safetensors", "expected.safetensors"))
            if (new[] { "bert", "roberta", "xlm-roberta", "electra", "distilbert", "albert", "mpnet", "deberta-v2", "modernbert" }.Contains(family))
                yield return new(family);
        yield return new("made mpnet");
        for (var i = 0; i < EncoderVariantTests.DeBERTas().Length; i++) yield return new($"made deberta {i}");
        if (Directory.Exists(Path.Combine(Fixtures.Root, "models", "modernbert"))) yield return new("near modernbert");
    }

    private static ModelFolder Folder(string encoder) => encoder switch
    {
        "made mpnet" => EncoderVariantTests.MpNet(),
        // A window of 6 in every layer: only the beginning of the text sees the prefix.
        "near modernbert" => ModelFolder.From(Path.Combine(Fixtures.Root, "models", "modernbert"),
            c => c["layer_types"] = new JsonArray([.. Enumerable.Repeat(0, 3).Select(_ => (JsonNode)"sliding_attention")])),
        _ when encoder.StartsWith("made deberta ", StringComparison.Ordinal)
            => EncoderVariantTests.DeBERTa(EncoderVariantTests.DeBERTas()[encoder[^1] - '0'].Data, out _),
        _ => ModelFolder.From(Path.Combine(Fixtures.Root, "models", encoder)),
    };

    [Theory, MemberData(nameof(Encoders))]
    public void In_one_layer_a_prefix_that_was_read_equals_the_text_before(string encoder) => On(encoder, t =>
    {
        using var off = no_grad();
        var whole = t.Forward(new() { Ids = Row([.. Prompt, .. Text]), Layers = 1 }).Hidden[0].narrow(0, P, Text.Length);
        var read = t.Forward(new() { Ids = Row(Prompt), Layers = 1, KeepKeyValues = true }).KeyValues[0];
        var layers = new LayerPrefix?[t.Config.Layers];
        layers[0] = read;
        var after = t.Forward(new() { Ids = Row(Text), Layers = 1, Injection = Injection.OfPrefix(layers) }).Hidden[0];
        // A convolution sees the adjacent embeddings, which a prefix of keys and values does not have.
        var skip = (t.Config.Convolution?.Kernel ?? 1) / 2;
        Fixtures.AssertClose(whole.narrow(0, skip, Text.Length - skip), after.narrow(0, skip, Text.Length - skip), "text states after the first layer", 1e-5);
    });

    [Theory, MemberData(nameof(Encoders))]
    public void A_hidden_or_empty_prefix_changes_nothing(string encoder) => On(encoder, t =>
    {
        using var off = no_grad();
        var plain = t.Forward(new() { Ids = Row(Text) }).Hidden;
        var hidden = Injection.OfPrefix(Random(t, P)) with { PrefixMask = zeros(1, P, ScalarType.Int64), PositionOffset = zeros(1, ScalarType.Int64) };
        Fixtures.AssertClose(plain, t.Forward(new() { Ids = Row(Text), Injection = hidden }).Hidden, "after a hidden prefix", 1e-5);
        Fixtures.AssertClose(plain, t.Forward(new() { Ids = Row(Text), Injection = Injection.OfPrefix(Random(t, 0)) }).Hidden, "after an empty prefix", 1e-5);
        var seen = t.Forward(new() { Ids = Row(Text), Injection = Injection.OfPrefix(Random(t, P)) }).Hidden;
        Assert.True((seen - plain).abs().max().item<float>() > 1e-2, "a prefix that is seen changes the states");
    });

    [Theory, MemberData(nameof(Encoders))]
    public void A_prefix_that_is_padded_to_the_length_of_a_longer_one_gives_the_same(string encoder) => On(encoder, t =>
    {
        using var off = no_grad();
        var filled = Random(t, P);
        var real = filled.Select(f => new LayerPrefix(f!.Keys.narrow(2, 0, P - 1), f.Values.narrow(2, 0, P - 1))).ToList();
        var alone = t.Forward(new() { Ids = Row(Text), Injection = Injection.OfPrefix(real) }).Hidden;
        var injection = Injection.OfPrefix(filled) with { PrefixMask = Row([1, 1, 1, 0]), PositionOffset = tensor(new[] { P - 1 }) };
        Fixtures.AssertClose(alone, t.Forward(new() { Ids = Row(Text), Injection = injection }).Hidden, "after a padded prefix", 1e-5);
    });

    [Theory, MemberData(nameof(Encoders))]
    public void A_row_after_a_prefix_depends_on_no_batch_and_no_padding(string encoder) => On(encoder, t =>
    {
        using var off = no_grad();
        var prefix = Random(t, P);
        // Once in all layers, once in the first only.
        foreach (var (injection, left) in
            from i in (Injection[])[Injection.OfPrefix(prefix), Injection.OfPrefix([prefix[0], .. prefix.Skip(1).Select(_ => (LayerPrefix?)null)])]
            from l in (bool[])[false, true]
            select (i, l))
        {
            var alone = t.Forward(new() { Ids = Row(Text), Injection = injection }).Hidden[0];
            long[] padding = [1, 1, 1], unreal = [0, 0, 0], real = [.. Text.Select(_ => 1L)];
            var ids = cat([Row(left ? [.. padding, .. Text] : [.. Text, .. padding]), Row([.. Text, 9, 8, 7])], 0);
            var mask = cat([Row(left ? [.. unreal, .. real] : [.. real, .. unreal]), Row([.. real, 1, 1, 1])], 0);
            var batch = t.Forward(new() { Ids = ids, Mask = mask, Injection = injection }).Hidden[0];
            Fixtures.AssertClose(alone, batch.narrow(0, left ? 3 : 0, Text.Length), left ? "left padding" : "right padding", 1e-5);
        }
    });

    [Theory, MemberData(nameof(Encoders))]
    public void The_gradient_reaches_the_prefix_of_every_layer(string encoder) => On(encoder, t =>
    {
        var (prefix, probe) = (Random(t, P), randn([Text.Length, t.Config.Hidden], generator: new Generator(5)));
        foreach (var layer in prefix) { layer!.Keys.requires_grad_(true); layer.Values.requires_grad_(true); }
        Sum(prefix).backward();
        foreach (var (l, layer) in prefix.Index())
            foreach (var (what, part) in new[] { ("keys", layer!.Keys), ("values", layer.Values) })
            {
                using var off = no_grad();
                // Along the gradient, the sum must grow by the square of the gradient.
                var direction = part.grad! / part.grad!.norm();
                var (step, expected) = (2e-2, part.grad.norm().item<float>());
                part.add_(direction, step);
                var up = Sum(prefix).item<float>();
                part.add_(direction, -2 * step);
                var down = Sum(prefix).item<float>();
                part.add_(direction, step);
                Assert.True(expected > 1e-3, $"{what} of layer {l}: no gradient");
                Assert.True(Math.Abs((up - down) / (2 * step) / expected - 1) < 0.05,
                    $"{what} of layer {l}: the sum grows by {(up - down) / (2 * step)}, the gradient says {expected}");
            }

        Tensor Sum(IReadOnlyList<LayerPrefix?> p) => (t.Forward(new() { Ids = Row(Text), Injection = Injection.OfPrefix(p) }).Hidden[0] * probe).sum();
    });

    [Theory, MemberData(nameof(Encoders))]
    public void In_bf16_the_states_stay_near(string encoder)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var folder = Folder(encoder);
        using var exact = folder.Load();
        using var rough = folder.Load(Precision.BFloat16);
        var injection = Injection.OfPrefix(Random(exact, P));
        var (a, b) = (exact.Forward(new() { Ids = Row(Text), Injection = injection }).Hidden,
            rough.Forward(new() { Ids = Row(Text), Injection = injection }).Hidden);
        Assert.True((a - b).norm().item<float>() < 0.06 * a.norm().item<float>(), $"bf16 is {(a - b).norm().item<float>() / a.norm().item<float>():P1} away");
    }

    private static Tensor Row(long[] ids) => tensor(ids).unsqueeze(0);

    private static IReadOnlyList<LayerPrefix?> Random(Transformer t, long length)
    {
        var (a, generator) = (t.Config.Attention, new Generator(3));
        return [.. Enumerable.Range(0, t.Config.Layers).Select(_ => new LayerPrefix(Random(), Random()))];

        Tensor Random() => randn([1, a.KeyValueHeads, length, a.HeadSize], generator: generator);
    }

    private static void On(string encoder, Action<Transformer> test)
    {
        using var scope = NewDisposeScope();
        using var folder = Folder(encoder);
        using var transformer = folder.Load();
        test(transformer);
    }
}

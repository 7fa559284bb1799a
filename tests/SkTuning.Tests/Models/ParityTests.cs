using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>Contract 1: states, logits and gradients equal Hugging Face's to 1e-4, for rows alone and in batches padded on either side.</summary>
[Trait("Category", "Parity")]
public sealed class ParityTests
{
    public static IEnumerable<TheoryDataRow<string, string>> Families()
        => from family in Fixtures.Folders("models", "expected.safetensors", "model.safetensors")
           from config in (string[])["config.json", "config.v4.json"]
           where File.Exists(Path.Combine(Fixtures.Root, "models", family, config))
           select new TheoryDataRow<string, string>(family, config);

    [Theory, MemberData(nameof(Families))]
    public void Text_states_and_logits_equal(string family, string config) => On(family, config, p =>
    {
        using var off = no_grad();
        for (var r = 0; r < p.Lengths.Length; r++)
        {
            var hidden = p.Transformer.Forward(new() { Ids = p.Row(r) }).Hidden;
            Fixtures.AssertClose(p.ExpectedRow("hidden", r), hidden[0], $"hidden of row {r}");
            if (p.Expected.ContainsKey("logits")) Fixtures.AssertClose(p.ExpectedRow("logits", r), p.Transformer.Logits(hidden)[0], $"logits of row {r}");
        }
        foreach (var left in (bool[])[false, true])
        {
            var (ids, mask) = p.Batch(left);
            var hidden = p.Transformer.Forward(new() { Ids = ids, Mask = mask }).Hidden;
            for (var r = 0; r < p.Lengths.Length; r++)
                Fixtures.AssertClose(p.ExpectedRow("hidden", r), p.Text(hidden, r, left), $"hidden of row {r}, {(left ? "left" : "right")} padding");
        }
    });

    [Theory, MemberData(nameof(Families))]
    public void A_prefix_gives_the_same_states_and_gradient(string family, string config) => On(family, config, p =>
        Injected(p, "prefix", p.Prefix));

    [Theory, MemberData(nameof(Families))]
    public void A_prompt_at_the_input_gives_the_same_states_and_gradient(string family, string config) => On(family, config, p =>
        Injected(p, "prompt", p.Prompt));

    [Theory, MemberData(nameof(Families))]
    public void Reading_a_prompt_leaves_the_same_keys_values_and_states(string family, string config) => On(family, config, p =>
    {
        if (!p.Expected.TryGetValue("read_ids", out var ids)) return;
        using var off = no_grad();
        var layers = p.Transformer.Config.Layers;
        var read = p.Transformer.Forward(new() { Ids = ids.unsqueeze(0), KeepKeyValues = true, Taps = Enumerable.Range(0, layers + 1).ToHashSet() });
        for (var l = 0; l <= layers; l++) Fixtures.AssertClose(p.Expected["read_hidden"][l], read.Taps[l][0], $"state before layer {l}");
        if (!p.Expected.ContainsKey("read_keys")) return;
        for (var l = 0; l < layers; l++)
        {
            Fixtures.AssertClose(p.Expected["read_keys"][l], read.KeyValues[l].Keys[0], $"keys of layer {l}");
            Fixtures.AssertClose(p.Expected["read_values"][l], read.KeyValues[l].Values[0], $"values of layer {l}");
        }
    });

    /// <summary>Compares states and the gradient of sum(states · probe), for single rows and with padding on either side.</summary>
    private static void Injected(Parity p, string slot, Func<Tensor, Injection> inject)
    {
        if (!p.Expected.ContainsKey(slot + "_hidden")) return;
        var stored = p.Expected[slot];
        foreach (var padding in (string[])["none", "right", "left"])
        {
            using var scope = NewDisposeScope();
            using var value = stored.clone().requires_grad_(true);
            Tensor loss = zeros(1).Here();
            if (padding == "none")
                for (var r = 0; r < p.Lengths.Length; r++)
                    loss = loss + Compare(p.Transformer.Forward(new() { Ids = p.Row(r), Injection = inject(value) }).Text[0], r);
            else
            {
                var (ids, mask) = p.Batch(padding == "left");
                var text = p.Transformer.Forward(new() { Ids = ids, Mask = mask, Injection = inject(value) }).Text;
                for (var r = 0; r < p.Lengths.Length; r++) loss = loss + Compare(p.Text(text, r, padding == "left"), r);
            }
            loss.backward();
            Fixtures.AssertClose(p.Expected[slot + "_grad"], value.grad!, $"{slot}_grad, padding {padding}");

            Tensor Compare(Tensor states, int r)
            {
                Fixtures.AssertClose(p.ExpectedRow(slot + "_hidden", r), states, $"{slot}_hidden of row {r}, padding {padding}");
                return (states * p.ExpectedRow("probe", r)).sum();
            }
        }
    }

    private static void On(string family, string config, Action<Parity> test)
    {
        var folder = Path.Combine(Fixtures.Root, "models", family);
        var (theta, other) = (Theta(folder, "config.json"), Theta(folder, config));
        Assert.SkipWhen(theta is not null && other is not null && theta != other,
            $"{family}/{config} says rope_theta {other}, config.json, with which the values were computed, {theta}: it describes another model.");
        using var scope = NewDisposeScope();
        using var parity = new Parity(folder, config);
        test(parity);
    }

    /// <summary>Returns the theta of a config, if it has exactly one.</summary>
    private static double? Theta(string folder, string config)
    {
        var json = ConfigJson.Load(Path.Combine(folder, config));
        var holder = json.Inner("rope_parameters") is { } p ? p : json;
        return holder.Has("rope_theta") ? holder.Double("rope_theta") : null;
    }
}

using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>
/// Contract 2: a prompt that was read once, with its keys and values before the text, gives the same states as prompt and text read together.
/// </summary>
[Trait("Category", "Parity")]
public sealed class PromptEquivalenceTests
{
    public static IEnumerable<TheoryDataRow<string>> Families()
        => from family in Fixtures.Folders("models", "expected.safetensors", "model.safetensors")
           where ParityTable.ConfigOf(family) is { Causal: true }
           select new TheoryDataRow<string>(family);

    [Theory, MemberData(nameof(Families))]
    public void Keys_and_values_of_a_prompt_replace_the_prompt(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var p = new Parity(Path.Combine(Fixtures.Root, "models", family), "config.json");
        var prompt = p.Expected["read_ids"].unsqueeze(0);
        var length = prompt.shape[1];
        var read = p.Transformer.Forward(new() { Ids = prompt, KeepKeyValues = true });
        for (var r = 0; r < p.Lengths.Length; r++)
        {
            var together = p.Transformer.Forward(new() { Ids = cat([prompt, p.Row(r)], 1) }).Hidden;
            var after = p.Transformer.Forward(new() { Ids = p.Row(r), Injection = Injection.OfPrefix([.. read.KeyValues]) }).Hidden;
            Fixtures.AssertClose(together[0].narrow(0, length, p.Lengths[r]), after[0], $"text of row {r} after the prefix");
        }
        foreach (var left in (bool[])[false, true])
        {
            var (ids, mask) = p.Batch(left);
            var after = p.Transformer.Forward(new() { Ids = ids, Mask = mask, Injection = Injection.OfPrefix([.. read.KeyValues]) }).Hidden;
            for (var r = 0; r < p.Lengths.Length; r++)
            {
                var together = p.Transformer.Forward(new() { Ids = cat([prompt, p.Row(r)], 1) }).Hidden;
                Fixtures.AssertClose(together[0].narrow(0, length, p.Lengths[r]), p.Text(after, r, left),
                    $"text of row {r} after the prefix, {(left ? "left" : "right")} padding");
            }
        }
    }

    [Theory, MemberData(nameof(Families))]
    public void Word_embeddings_of_a_prompt_replace_the_prompt(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var p = new Parity(Path.Combine(Fixtures.Root, "models", family), "config.json");
        var prompt = p.Expected["read_ids"].unsqueeze(0);
        for (var r = 0; r < p.Lengths.Length; r++)
        {
            var together = p.Transformer.Forward(new() { Ids = cat([prompt, p.Row(r)], 1) }).Hidden;
            var after = p.Transformer.Forward(new() { Ids = p.Row(r), Injection = new() { InputPrompt = p.Transformer.Embeddings.Word(prompt) } }).Hidden;
            Fixtures.AssertClose(together[0], after[0], $"row {r} after the word embeddings of the prompt");
        }
    }
}

using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Diagnostics;

/// <summary>The result of one check: an equality that must hold for every model, and the deviation from it.</summary>
/// <param name="Name">A description of what was compared.</param>
/// <param name="Difference">The largest |a-b| / max(1, |b|).</param>
/// <param name="Holds">Whether the difference is within the tolerance for the model's precision.</param>
public sealed record SelfCheckResult(string Name, double Difference, bool Holds);

/// <summary>Checks equalities that must hold for every loaded model, regardless of its weights. Takes seconds on a small model.</summary>
public static class SelfCheck
{
    private const int PromptTokens = 7, TextTokens = 9, Padding = 4;

    /// <summary>
    /// Checks that a prompt injected as a prefix gives the text the same states as reading prompt and text together (causal models without windows), and that
    /// the states of a row do not depend on padding on either side or on other rows in the batch.
    /// </summary>
    /// <exception cref="SkTuningException">A state of the model is not a finite number.</exception>
    public static IReadOnlyList<SelfCheckResult> Run(FrozenModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var call = model.Calls.Begin();
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (transformer, config, device) = (model.Transformer, model.Config, model.Device);
        var tolerance = model.Describe().Precision == Precision.Float32 ? 1e-4 : 0.1;
        var (prompt, text, other) = (Ids(PromptTokens, 1), Ids(TextTokens, 2), Ids(TextTokens + Padding, 3));
        var results = new List<SelfCheckResult>();

        var alone = States(text, null, Injection.None);
        var (none, some) = (Row(Enumerable.Repeat(0L, Padding)), Row(Enumerable.Repeat(1L, TextTokens)));
        var padding = Row(Enumerable.Repeat(1L, Padding));
        var after = States(cat([cat([text, padding], 1), other], 0), cat([cat([some, none], 1), ones_like(other)], 0), Injection.None);
        Add("padding after the text, with a longer row in the batch", alone[0], after[0].narrow(0, 0, TextTokens));
        var before = States(cat([cat([padding, text], 1), other], 0), cat([cat([none, some], 1), ones_like(other)], 0), Injection.None);
        Add("padding before the text, with a longer row in the batch", alone[0], before[0].narrow(0, Padding, TextTokens));

        if (config.Causal && config.TakesPrefix && config.Windows is null)
        {
            using var read = PromptEncoding.Read(transformer, [.. prompt.cpu().data<long>().ToArray().Select(i => (int)i)], device);
            var joined = States(cat([prompt, text], 1), null, Injection.None)[0].narrow(0, PromptTokens, TextTokens);
            Add("a prompt as a prefix, and read together with the text", joined, States(text, null, Injection.OfPrefix([.. read.KeyValues]))[0]);
        }
        return results;

        Tensor States(Tensor ids, Tensor? mask, Injection injection) => transformer.Forward(new() { Ids = ids, Mask = mask, Injection = injection }).Text;

        void Add(string name, Tensor expected, Tensor found)
        {
            foreach (var states in (Tensor[])[expected, found])
                if (!Finite.All(states)) throw new SkTuningException($"The model cannot be checked: {Finite.Reason(transformer.ComputesInHalf)}");
            var difference = ((found - expected).abs() / expected.abs().clamp_min(1.Kept())).max().item<float>();
            results.Add(new(name, difference, difference <= tolerance));
        }

        Tensor Ids(int count, int step) => Row(Enumerable.Range(1, count).Select(i => (long)i * (17 + step) * 31 % config.Vocabulary));

        Tensor Row(IEnumerable<long> values) => tensor(values.ToArray(), device: device).unsqueeze(0);
    }
}

using SkTuning.Batches;
using SkTuning.Methods.SkPrefix;
using SkTuning.Models;
using SkTuning.Prompts;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Methods.LTuning;

/// <summary>
/// The prefixes of all labels, produced by one shared adapter: the injection has a row for each label, padded at the end to the longest, with a mask.
/// <see cref="LTuningHead"/> selects among the rows.
/// </summary>
internal sealed class LTuningMethod : TuningMethod
{
    private readonly IReadOnlyList<SkPrefixMethod> _labels;
    private readonly IReadOnlyList<int> _lengths;
    private readonly int _layers;

    public LTuningMethod(SkPrefixOptions adapter, ModelConfig config, IReadOnlyList<PromptEncoding> labels)
    {
        _labels = [.. labels.Select(l => new SkPrefixMethod(adapter, config, l))];
        _lengths = [.. labels.Select(l => l.Length)];
        _layers = config.Layers;
    }

    /// <summary>The parameters of the one adapter: its tensors have the same names for every label.</summary>
    public override IReadOnlyList<ParameterSpec> Parameters => _labels[0].Parameters;

    public override int Length => _lengths.Max();

    public override Injection Inject(ParameterSet parameters, bool training) => Rows(parameters, training, [.. Enumerable.Range(0, _labels.Count)]);

    public override Func<IReadOnlyList<int>, Injection> OfLabels(ParameterSet parameters, bool training) => labels => Rows(parameters, training, labels);

    private Injection Rows(ParameterSet parameters, bool training, IReadOnlyList<int> labels)
    {
        using var scope = NewDisposeScope();
        var each = labels.Select(l => _labels[l].Inject(parameters, training).Prefix!).ToList();
        int[] lengths = [.. labels.Select(l => _lengths[l])];
        var device = each[0][0]!.Keys.device;
        var (longest, rows) = (Length, new long[labels.Count * Length]);
        foreach (var (c, length) in lengths.Index()) rows.AsSpan(c * longest, length).Fill(1);
        return new()
        {
            // [C,Hkv,P,Dh]
            Prefix = [.. Enumerable.Range(0, _layers).Select(l => new LayerPrefix(All(p => p.Keys, l), All(p => p.Values, l)))],
            PrefixMask = _lengths.All(n => n == longest) ? null : Devices.Send(tensor(rows, [labels.Count, longest]), device).MoveToOuterDisposeScope(),
            PositionOffset = Devices.Send(tensor(lengths.Select(n => (long)n).ToArray()), device).MoveToOuterDisposeScope(),
        };

        Tensor All(Func<LayerPrefix, Tensor> part, int layer)
            => cat([.. each.Select((p, c) => lengths[c] == longest ? part(p[layer]!) : F.pad(part(p[layer]!), [0, 0, 0, longest - lengths[c]]))], 0)
                .MoveToOuterDisposeScope();
    }
}

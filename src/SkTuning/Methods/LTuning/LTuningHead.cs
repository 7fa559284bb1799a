using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Methods.LTuning;

/// <summary>
/// Scores how well a row matches each label: score_c = w · pool(states after the prefix of c) + b. Training reads each row with two labels, its own and
/// another one drawn at random, and classifies each pair as a match or not (binary cross-entropy). Prediction scores all labels.
/// </summary>
internal sealed class LTuningHead : Head
{
    private readonly Pooling _pooling;
    private readonly int _labels;

    public LTuningHead(ModelConfig config, int labels, Pooling pooling)
    {
        if (pooling == Pooling.Attention) throw new SkTuningException("l-tuning: the pooling is Attention, expected Mean, Last or First.");
        (_pooling, _labels) = (pooling, labels);
        Parameters =
        [
            new(LinearHead.Weight, [1, config.StateSize], ParameterStarts.Linear(config.StateSize)),
            new(LinearHead.Bias, [1], ParameterStarts.Linear(config.StateSize)),
        ];
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>Which states the head sees.</summary>
    public Pooling Pooling => _pooling;

    /// <summary>The row is read after the prefixes of its own label and another one, or after those of all labels.</summary>
    public override int SequencesFor(Objective objective) => objective.HasPairs ? 2 : _labels;

    public override int FeaturesPerAnswer => _labels;

    /// <summary>With few labels, a batch needs most of them anyway, and choosing would wait for the device.</summary>
    public override bool ChoosesLabels(TokenBatch batch, Objective objective) => objective.HasPairs && _labels > 2 * batch.Ids.shape[0];

    /// <summary>[M,C,D], with one pass for each label.</summary>
    public override Tensor Features(ForwardPass pass, TokenBatch batch)
    {
        var labels = pass.Injection.Prefix![0]!.Keys.shape[0];
        return stack([.. Enumerable.Range(0, (int)labels)
            .Select(c => PooledStates.Of(pass with { Injection = Rows(pass.Injection, t => t.narrow(0, c, 1)) }, batch, _pooling))], 1);
    }

    public override Tensor Readout(Tensor features, ParameterSet parameters)
        => F.linear(features, parameters[LinearHead.Weight], parameters[LinearHead.Bias]).squeeze(-1);

    public override Tensor Loss(ForwardPass pass, TokenBatch batch, Tensor targets, Objective objective)
    {
        if (!objective.HasPairs) return base.Loss(pass, batch, targets, objective);
        var rows = targets.shape[0];
        var others = targets.Plus(randint(1, _labels, [rows], ScalarType.Int64, targets.device)).remainder(((long)_labels).Kept());
        // A row in several windows is read with the same two labels in each window, and its scores are the windows' mean.
        var owners = batch.Windows?.argmax(0);
        var asked = owners is null ? cat([targets, others], 0) : cat([targets.index_select(0, owners), others.index_select(0, owners)], 0);       // [2B]
        var injection = pass.Injection;
        if (pass.OfLabels is { } ofLabels)
        {
            var all = asked.cpu().data<long>().ToArray();
            int[] chosen = [.. all.Distinct().Order().Select(l => (int)l)];
            injection = ofLabels(chosen);
            asked = Devices.Send(tensor(all.Select(l => (long)Array.BinarySearch(chosen, (int)l)).ToArray()), targets.device);
        }
        using var twice = new TokenBatch(Twice(batch.Ids), batch.Mask is null ? null : Twice(batch.Mask))
        {
            TypeIds = batch.TypeIds is null ? null : Twice(batch.TypeIds),
        };
        var features = PooledStates.Of(pass with { Injection = Rows(injection, t => t.index_select(0, asked)) }, twice, _pooling);
        var fits = cat([ones(rows, device: targets.device), zeros(rows, device: targets.device)], 0);
        var scores = Readout(features, pass.Parameters);
        if (owners is not null) scores = cat([.. scores.chunk(2).Select(s => batch.OfRows(s.unsqueeze(1)).squeeze(1))], 0);
        return objective.PairLoss(scores, fits.to_type(scores.dtype), targets);

        static Tensor Twice(Tensor t) => cat([t, t], 0).DetachFromDisposeScope();
    }

    /// <summary>Selects the injection's rows of some labels.</summary>
    private static Injection Rows(Injection all, Func<Tensor, Tensor> choose) => all with
    {
        Prefix = [.. all.Prefix!.Select(p => new LayerPrefix(choose(p!.Keys), choose(p.Values)))],
        PrefixMask = all.PrefixMask is { } mask ? choose(mask) : null,
        PositionOffset = choose(all.PositionOffset!),
    };
}

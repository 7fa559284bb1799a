using SkTuning.Batches;
using SkTuning.Heads.LabelTexts;
using SkTuning.Heads.Semantic;
using SkTuning.Native;
using SkTuning.Objectives;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Heads;

/// <summary>
/// The loss of a step in which the directions of rows are compared with each other, or with those of the labels' texts, which go through the same pass.
/// </summary>
/// <param name="head">The head, which has a feature map.</param>
/// <param name="comparison">The comparison; null for the loss of the head alone.</param>
/// <param name="weight">The weight of the comparison beside the loss of the head; null if it takes the place of that loss.</param>
/// <param name="labelTexts">The texts of each label, which are read in each step; empty if none are.</param>
internal sealed class FeatureLoss(Head head, Comparison? comparison, double? weight, IReadOnlyList<IReadOnlyList<EncodedRow>> labelTexts)
{
    /// <summary>The texts of each label that are read in each step.</summary>
    public IReadOnlyList<IReadOnlyList<EncodedRow>> LabelTexts { get; } = labelTexts;

    /// <summary>The loss of words that are masked, which is added; null if there is none.</summary>
    public MaskedWords? MaskedWords { get; init; }

    /// <summary>The seed of the present step.</summary>
    public long Seed { get; set; }

    /// <summary>The number of times that a step reads a row.</summary>
    public int Passes => MaskedWords is null ? 1 : 2;

    /// <summary>The steps do not train the head: it is fitted to the tuned states where it is measured.</summary>
    public bool LeavesHead => comparison is not null && weight is null;

    /// <summary>Returns the same loss for the head of another adapter with the same definition.</summary>
    public FeatureLoss For(Head other) => new(other, comparison, weight, LabelTexts) { MaskedWords = MaskedWords };

    /// <summary>Returns the loss of a batch.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="batch">The rows.</param>
    /// <param name="targets">Their labels, [M].</param>
    /// <param name="task">What the task minimizes.</param>
    public Tensor Of(ForwardPass pass, TokenBatch batch, Tensor targets, Objective task)
    {
        var loss = Compared(pass, batch, targets, task);
        return MaskedWords is null ? loss : loss.Plus(MaskedWords.Loss(pass, batch, Seed));
    }

    private Tensor Compared(ForwardPass pass, TokenBatch batch, Tensor targets, Objective task)
    {
        var states = head.Features(pass, batch);
        var map = head.Map(pass.Parameters, states)!;
        var directions = map.Map(states);
        var anchors = LabelTexts.Count == 0 ? null : Anchors(pass, map);
        if (LeavesHead) return Compared();
        var scores = head is LabelTextsHead texts ? texts.Scores(directions, anchors!) : head.Readout(states, pass.Parameters);
        var loss = task.Loss(batch.OfRows(scores), targets);
        return comparison is null ? loss : loss.Plus(Compared() * weight!.Value.Kept());

        Tensor Compared() => comparison!.Loss(batch.OfRows(directions), targets, anchors, task);
    }

    private Tensor Anchors(ForwardPass pass, FeatureMap map)
    {
        using var batch = TokenBatch.Of([.. LabelTexts.SelectMany(t => t)], pass.Parameters.Values.device);
        return map.Anchors(head.Features(pass, batch).split([.. LabelTexts.Select(t => (long)t.Count)]));
    }
}

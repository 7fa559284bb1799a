using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Heads.LabelTexts;
using SkTuning.Prompts;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>Labels that are added without training.</summary>
public sealed partial class TextClassifier
{
    /// <summary>
    /// Gets the accuracy to expect for a label that is added, as two numbers from 0 to 1 that were measured on training rows: the mean over the labels of the
    /// fraction of their rows to which their own texts are the nearest, before training, when no label was known to the adapter, and after it, when all of them
    /// were. <see langword="null"/> if the head is not <see cref="LabelTextsHeadOptions"/>.
    /// </summary>
    public (double Untrained, double Trained)? NewLabelAccuracy
    {
        get
        {
            using var call = BeginOwnCall();
            return Adapter.Tuned.Head is LabelTextsHead ? LabelTextsHead.AccuracyOf(Adapter.Tuned.Parameters) : null;
        }
    }

    /// <summary>
    /// Returns a classifier with one more label, which is known by its texts alone: nothing is trained. The scores of the other labels stay the same, before
    /// they become probabilities. The decision is kept; check it on rows of the new label. Dispose both classifiers.
    /// </summary>
    /// <param name="label">The label.</param>
    /// <param name="texts">
    /// What the label means, as in <see cref="AdapterOptions.LabelDescriptions"/>: its name in words, a definition, an example in the style of the rows.
    /// Without a text, the label is described by its name.
    /// </param>
    /// <exception cref="SkTuningException">
    /// The adapter's head is not <see cref="LabelTextsHeadOptions"/>, it already has the label, or a text is empty.
    /// </exception>
    public TextClassifier WithLabel(string label, params IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(label);
        ArgumentNullException.ThrowIfNull(texts);
        using var call = BeginCall();
        if (Adapter.Tuned.Head is not LabelTextsHead head)
        {
            throw new SkTuningException("A label can be added without training only to an adapter with the head label-texts, found the head "
                + $"{Definition.Head.Name}: train with LabelTextsHeadOptions (--head label-texts), or on rows of the label with StartFrom (--start-from).");
        }
        if (string.IsNullOrWhiteSpace(label)) throw new SkTuningException("The label to add is empty, expected a name.");
        if (Labels.IndexOf(label) >= 0) throw new SkTuningException($"The adapter has the label '{label}' already: choose another name.");
        if (texts.Any(string.IsNullOrWhiteSpace)) throw new SkTuningException($"A text of the label '{label}' is empty, expected a text.");
        string[] described = texts.Count > 0 ? [.. texts] : [AdapterPlan.NameOf(label)];
        var added = new AdapterModel(Adapter.Model, Definition with
        {
            Labels = [.. Definition.Labels, label],
            LabelDescriptions = [.. Definition.LabelDescriptions!, described],
            // The model keeps reading the prompt that the adapter was trained with.
            Prompt = PromptText.Literal(PromptText.Whole(Definition.Prompt, Definition.Labels, null)),
            Metric = null,
            DevScore = null,
        });
        try
        {
            Fill(added, head, described);
            return new(added, null, Report);
        }
        catch
        {
            added.Dispose();
            throw;
        }
    }

    /// <summary>Fills the tensors of an adapter with those of this one, and the anchor of its last label with that of the texts.</summary>
    private void Fill(AdapterModel added, LabelTextsHead head, string[] texts)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (mine, parameters) = (Adapter.Tuned.Parameters, added.Tuned.Parameters);
        var states = LabelTextsFit.States(Adapter.Tuned, [.. texts.SelectMany(t => Adapter.Encoder.Encode(t).Sequences)], Adapter.Model.Device);
        var anchor = head.Anchor(states, mine).to(ScalarType.Float32, mine.Values.device);
        if (!Finite.All(anchor)) throw new SkTuningException($"The states of the texts of the label '{added.Labels[^1]}' are not finite numbers.");
        foreach (var spec in parameters.Specs)
            parameters.Set(spec.Name, spec.Name == LabelTextsHead.Anchors ? cat([mine[spec.Name].detach(), anchor], 0) : mine[spec.Name]);
    }
}

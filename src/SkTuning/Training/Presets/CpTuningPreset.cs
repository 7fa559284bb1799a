using SkTuning.Prompts;

namespace SkTuning.Training.Presets;

/// <summary>
/// CP-Tuning (arXiv 2204.00166) on a frozen base: a soft prompt, the pairwise cost-sensitive contrastive loss at the mask token, a masked-LM loss, and the
/// class whose rows are nearest. The paper trains the whole model, with a rate of 1e-5; the number of steps and the rate here are the library's.
/// </summary>
internal sealed class CpTuningPreset : Preset
{
    private const int Steps = 60;

    public override string Name => "cp-tuning";

    public override string Summary
        => "A soft prompt trained with a contrastive loss of pairs at the mask token and a masked-LM loss; the answer is the nearest class. "
            + "There are no label words.";

    public override string Source => "arXiv 2204.00166";

    public override TuningOptions Method { get; } = new PromptTuningOptions { Start = PromptStart.Vocabulary, Tokens = 10 };

    public override double LearningRate => 1e-2;

    public override string? LeftOut(FrozenModel model)
        => model.Transformer.HasMaskedHead ? null
            : $"The preset {Name} leaves out its masked-LM loss: this {model.Config.Family} checkpoint has no masked-LM head.";

    private protected override AdapterOptions Complete(AdapterOptions options, FrozenModel model)
    {
        var causal = model.Config.Causal;
        return options with
        {
            Method = Method,
            Head = new PrototypesHeadOptions { AtMask = !causal },
            Objective = new PairCircleObjectiveOptions { MaskedWordsWeight = model.Transformer.HasMaskedHead ? 1 : 0 },
            Pooling = Pooling.Last,
            Template = causal || RowTemplate.Parse(options.Template).HasMask ? options.Template : options.Template + " {mask}",
            Training = options.Training with
            {
                LearningRate = LearningRate,
                BatchSize = 32,
                MaxSteps = Steps,
                Epochs = Steps,                                                 // each has a step at least
                DevFraction = 0,
                Folds = 0,
                KeepLast = true,
            },
        };
    }
}

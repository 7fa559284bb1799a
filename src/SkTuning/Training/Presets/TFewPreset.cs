namespace SkTuning.Training.Presets;

/// <summary>
/// T-Few (arXiv 2205.05638) without its pretraining of the vectors: IA3, three losses of equal weight, and the ranking of answers by their mean log-likelihood.
/// The recipe is the same for every task and keeps its last step.
/// </summary>
internal sealed class TFewPreset : Preset
{
    private const int Steps = 1000;

    public override string Name => "t-few";

    public override string Summary
        => "IA3 trained with three losses, which ranks the label words by their mean log-likelihood: 1,000 steps of 8 rows with Adafactor.";

    public override string Source => "arXiv 2205.05638";

    public override TuningOptions Method { get; } = new Ia3Options();

    public override double LearningRate => 3e-3;

    private protected override AdapterOptions Complete(AdapterOptions options, FrozenModel model)
    {
        if (!model.Config.Causal || !model.Transformer.HasHead)
        {
            throw new SkTuningException($"The preset {Name} ranks label words with a language model, which this {model.Config.Family} checkpoint is not: use a "
                + "causal model with an LM head, or the method ia3 with another head.");
        }
        return options with
        {
            Method = Method,
            Head = new LikelihoodHeadOptions { UnlikelihoodWeight = 1, LanguageModelWeight = 1 },
            Objective = new CrossEntropyObjectiveOptions(),
            Training = options.Training with
            {
                Optimizer = OptimizerKind.Adafactor,
                LearningRate = LearningRate,
                WeightDecay = 0,
                Schedule = ScheduleKind.Linear,
                WarmUp = 0.06,
                MaxGradientNorm = 1,
                BatchSize = 8,
                MaxSteps = Steps,
                Epochs = Steps,                                                 // each has a step at least
                DevFraction = 0,
                KeepLast = true,
            },
        };
    }
}

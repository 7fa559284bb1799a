using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Models;
using SkTuning.Prompts;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Bench.Steps;

/// <summary>The step of the library.</summary>
internal sealed class LibraryLoop : IStepLoop
{
    private readonly PromptEncoding _prompt;
    private readonly AdamW _optimizer;
    private readonly TrainingStep _step;
    private readonly bool _waits;
    private int _steps;

    public LibraryLoop(Transformer transformer, int prompt, Device device)
    {
        _waits = device.type == TorchSharp.DeviceType.CPU;
        _prompt = PromptEncoding.Read(transformer, StepTask.Prompt(prompt), device);
        var method = new SkPrefixOptions().CreateMethod(transformer.Config, _prompt);
        var head = new LinearHead(StepTask.Classes, transformer.Config.StateSize, Pooling.Mean);
        Tuned = new(transformer, method, head, new ParameterSet(TunedModel.Specs(method, head), 1, device));
        _optimizer = new(Tuned.Parameters, StepTask.Decay);
        _step = new(Tuned, _optimizer, StepTask.ClipNorm, new SingleLabelObjective(LabelSet.InOrder(["a", "b"])));
    }

    public TunedModel Tuned { get; }

    /// <summary>Returns the current parameters, as initial parameters for another implementation.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Start => [.. Tuned.Parameters.Specs.Select(s => (s.Name, Tuned.Parameters[s.Name]))];

    public double Step(Tensor ids, Tensor targets)
    {
        // Not disposed because its tensors belong to the caller.
        var batch = new TokenBatch(ids, null);
        if (_waits) return _step.Take(batch, targets, StepTask.Rate, StepTask.Rate).Loss;
        using var scope = NewDisposeScope();
        _step.Start();
        var figures = _step.FinishLater(_step.Add(batch, targets, 1), StepTask.Rate, StepTask.Rate);
        // Like the trainer on a GPU, reads the results of many steps at once.
        return _steps++ % Trainer.StepsBetweenReads == 0 ? figures[0].item<float>() : double.NaN;
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        Tuned.Dispose();
        _prompt.Dispose();
    }
}

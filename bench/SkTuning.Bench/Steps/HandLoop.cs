using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Bench.Steps;

/// <summary>
/// The operations of the library written out for one model: one copy, one scope per layer, one flat tensor of parameters and one of gradients.
/// </summary>
internal sealed class HandLoop : IStepLoop
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, NormEpsilon = 1e-6;

    private readonly StepShape _shape;
    private readonly HandModel _model;
    private readonly Dictionary<string, Tensor> _leaves = new(StringComparer.Ordinal);
    private readonly Tensor _values, _gradients, _first, _second;
    private readonly List<(Tensor States, Tensor Keys, Tensor Values)> _read = [];
    private readonly long _promptLength;
    private int _steps;

    public HandLoop(StepShape shape, HandModel model, int prompt, IReadOnlyList<(string Name, Tensor Value)> start)
    {
        (_shape, _model, _promptLength) = (shape, model, prompt);
        using var off = no_grad();
        using var scope = NewDisposeScope();
        _values = cat([.. start.Select(s => s.Value.reshape(-1))]).DetachFromDisposeScope();
        (_gradients, _first, _second) = (Zeros(), Zeros(), Zeros());
        var offset = 0L;
        foreach (var (name, value) in start)
        {
            var count = value.NumberOfElements;
            _leaves[name] = _values.narrow(0, offset, count).view(value.shape).detach().requires_grad_(true).DetachFromDisposeScope();
            _leaves[name].grad = _gradients.narrow(0, offset, count).view(value.shape);
            offset += count;
        }
        model.Forward(tensor(StepTask.Prompt(prompt).Select(i => (long)i).ToArray(), device: model.Device).unsqueeze(0), 0, null, scopes: false, _read);
        for (var l = 0; l < _read.Count; l++) _read[l] = (Kept(_read[l].States), Kept(_read[l].Keys), Kept(_read[l].Values));

        Tensor Zeros() => zeros_like(_values).DetachFromDisposeScope();
        static Tensor Kept(Tensor t) => t.to_type(ScalarType.Float32).clone().DetachFromDisposeScope();
    }

    public double Step(Tensor ids, Tensor targets)
    {
        using var scope = NewDisposeScope();
        _gradients.zero_();
        var prefix = Enumerable.Range(0, _shape.Layers).Select(l => HandPrefix.Of(_shape, l, _read[l], Leaf)).ToList();
        var loss = HandPrefix.Loss(_model.Forward(ids, _promptLength, prefix, scopes: true), targets, Leaf);
        loss.backward();
        using var off = no_grad();
        var gradient = _gradients * Math.Min(1, StepTask.ClipNorm / (_gradients.norm().item<float>() + NormEpsilon)).Kept();
        _steps++;
        _first.mul_(Beta1.Kept()).add_(gradient, alpha: (1 - Beta1).Kept());
        _second.mul_(Beta2.Kept()).addcmul_(gradient, gradient, value: (1 - Beta2).Kept());
        var denominator = (_second.sqrt() / Math.Sqrt(1 - Math.Pow(Beta2, _steps)).Kept()).Plus_(Epsilon.Kept());
        _values.mul_((1 - StepTask.Rate * StepTask.Decay).Kept()).addcdiv_(_first, denominator, value: (-StepTask.Rate / (1 - Math.Pow(Beta1, _steps))).Kept());
        return loss.item<float>();
    }

    private Tensor Leaf(string name) => _leaves[name];

    public void Dispose()
    {
        foreach (var tensor in _leaves.Values.Concat([_values, _gradients, _first, _second])) tensor.Dispose();
        foreach (var (states, keys, values) in _read) { states.Dispose(); keys.Dispose(); values.Dispose(); }
    }
}

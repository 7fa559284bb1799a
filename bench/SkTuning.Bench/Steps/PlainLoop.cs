using static TorchSharp.torch;

namespace SkTuning.Bench.Steps;

/// <summary>
/// The plain loop as in the authors' code: in each step, B copies of the prompt pass through the model, the adapter processes all of them, all temporary
/// tensors live until the end of the step, and torch's own clipping and AdamW iterate over the list of parameters.
/// </summary>
/// <param name="shape">The sizes of the model.</param>
/// <param name="model">The frozen model, whose precision is one of the factors.</param>
/// <param name="prompt">The number of prompt tokens P.</param>
/// <param name="start">The initial parameters.</param>
/// <param name="oneCopy">The factor "one copy": the prompt is read once before the first step, and the adapter processes one copy.</param>
/// <param name="scopes">The factor "scopes": one dispose scope per layer.</param>
internal sealed class PlainLoop : IStepLoop
{
    private readonly StepShape _shape;
    private readonly HandModel _model;
    private readonly Tensor _prompt;
    private readonly bool _scopes;
    private readonly Dictionary<string, TorchSharp.Modules.Parameter> _leaves;
#pragma warning disable RS0030 // This loop intentionally uses torch's own AdamW, although its scalars may be freed during a call (see SkTuning.Native.Numbers).
    private readonly optim.Optimizer _optimizer;
    private readonly List<(Tensor States, Tensor Keys, Tensor Values)>? _read;

    public PlainLoop(StepShape shape, HandModel model, int prompt, IEnumerable<(string Name, Tensor Value)> start, bool oneCopy = false, bool scopes = false)
    {
        (_shape, _model, _scopes) = (shape, model, scopes);
        _prompt = tensor(StepTask.Prompt(prompt).Select(i => (long)i).ToArray(), device: model.Device).unsqueeze(0);
        _leaves = start.ToDictionary(s => s.Name, s => new TorchSharp.Modules.Parameter(s.Value.detach().clone()), StringComparer.Ordinal);
        _optimizer = optim.AdamW(_leaves.Values, StepTask.Rate, weight_decay: StepTask.Decay);
        if (!oneCopy) return;
        using var off = no_grad();
        using var scope = NewDisposeScope();
        _read = [.. Read(1).Select(r => (Kept(r.States), Kept(r.Keys), Kept(r.Values)))];

        static Tensor Kept(Tensor t) => t.to_type(ScalarType.Float32).clone().DetachFromDisposeScope();
    }

    public double Step(Tensor ids, Tensor targets)
    {
        using var scope = NewDisposeScope();
        _optimizer.zero_grad();
        var read = _read ?? Read(ids.shape[0]);
        var prefix = Enumerable.Range(0, _shape.Layers).Select(l => HandPrefix.Of(_shape, l, read[l], Leaf)).ToList();
        var loss = HandPrefix.Loss(_model.Forward(ids, _prompt.shape[1], prefix, _scopes), targets, Leaf);
        loss.backward();
        nn.utils.clip_grad_norm_(_leaves.Values, StepTask.ClipNorm);
        _optimizer.step();
        return loss.item<float>();
    }

    private List<(Tensor States, Tensor Keys, Tensor Values)> Read(long copies)
    {
        using var off = no_grad();
        var read = new List<(Tensor States, Tensor Keys, Tensor Values)>();
        _model.Forward(_prompt.expand(copies, _prompt.shape[1]), 0, null, _scopes, read);
        return [.. read.Select(r => (r.States, r.Keys.to_type(ScalarType.Float32), r.Values.to_type(ScalarType.Float32)))];
    }

    private Tensor Leaf(string name) => _leaves[name];

    public void Dispose()
    {
        _optimizer.Dispose();
        foreach (var leaf in _leaves.Values) leaf.Dispose();
        foreach (var (states, keys, values) in _read ?? []) { states.Dispose(); keys.Dispose(); values.Dispose(); }
        _prompt.Dispose();
    }
}

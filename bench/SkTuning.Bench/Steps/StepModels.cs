using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Bench.Steps;

/// <summary>The implementations of a step.</summary>
internal enum StepKind { Plain, PlainOneCopy, PlainScopes, Hand, Library }

/// <summary>Creates the implementations of a step on demand, for models of one shape with the same weights and the same initial parameters.</summary>
internal sealed class StepModels(StepShape shape, int prompt, Device device) : IDisposable
{
    private readonly Dictionary<Precision, (Transformer Transformer, HandModel Hand)> _models = [];
    private readonly List<IStepLoop> _loops = [];
    private readonly List<(string Name, Tensor Value)> _start = [];

    public IStepLoop Loop((StepKind Kind, Precision Precision) way)
    {
        if (_start.Count == 0)
        {
            using var first = new LibraryLoop(Of(Precision.Float32).Transformer, prompt, device);
            _start.AddRange(first.Start.Select(s => (s.Name, s.Value.detach().clone())));
        }
        var (transformer, hand) = Of(way.Precision);
        IStepLoop loop = way.Kind switch
        {
            StepKind.Plain => new PlainLoop(shape, hand, prompt, _start),
            StepKind.PlainOneCopy => new PlainLoop(shape, hand, prompt, _start, oneCopy: true),
            StepKind.PlainScopes => new PlainLoop(shape, hand, prompt, _start, scopes: true),
            StepKind.Hand => new HandLoop(shape, hand, prompt, _start),
            _ => new LibraryLoop(transformer, prompt, device),
        };
        _loops.Add(loop);
        return loop;
    }

    private (Transformer Transformer, HandModel Hand) Of(Precision precision)
    {
        if (_models.TryGetValue(precision, out var known)) return known;
        var (transformer, names, weights) = shape.Create(precision, device);
        return _models[precision] = (transformer, new(shape, precision, names, weights));
    }

    public void Dispose()
    {
        foreach (var loop in _loops) loop.Dispose();
        foreach (var (_, value) in _start) value.Dispose();
        foreach (var (transformer, _) in _models.Values) transformer.Dispose();
    }
}

using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Methods.SkMemory;

/// <summary>
/// M = gate · (M0 + A(M0)) in each layer, with M0 from the prompt's keys and values (<see cref="AttentionMemory.Of"/>) and A(M0) = up(gelu(down(layer_norm(
/// Dh·M0)))) / Dh over its rows, all heads of a feature together. The gates, one for each head, and the last factor start at zero: step 0 is the frozen model.
/// </summary>
internal sealed class SkMemoryMethod : TuningMethod
{
    private readonly SkMemoryOptions _options;
    private readonly ModelConfig _config;
    private readonly PromptEncoding _prompt;
    private readonly int _first;

    /// <summary>One for each layer, starting at <see cref="_first"/>.</summary>
    private readonly Bottleneck[] _adapters;

    public SkMemoryMethod(SkMemoryOptions options, ModelConfig config, PromptEncoding prompt)
    {
        if (options.LastLayers > config.Layers)
            throw new SkTuningException($"SkMemoryOptions.LastLayers is {options.LastLayers}, expected at most the model's {config.Layers} layers.");
        (_options, _config, _prompt) = (options, config, prompt);
        _first = config.Layers - (options.LastLayers ?? config.Layers);
        var width = (long)config.Attention.Heads * config.Attention.HeadSize;
        _adapters = [.. Enumerable.Range(_first, config.Layers - _first).Select(l => new Bottleneck($"{l}.memory.", width, options.Bottleneck, width))];
        Parameters = [.. _adapters.SelectMany((a, i) => a.Parameters.Append(new(GateOf(_first + i), [config.Attention.Heads], ParameterStarts.Zero)))];
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length => 0;

    public override Injection Inject(ParameterSet parameters, bool training) => new()
    {
        Memory = [.. Enumerable.Range(0, _config.Layers).Select(l => l < _first ? null : Layer(l, parameters, training ? _options.Dropout : 0))],
    };

    /// <summary>Returns the memory of one layer, [1,H,Dh,Dh].</summary>
    private Tensor Layer(int l, ParameterSet parameters, double dropout)
    {
        using var scope = NewDisposeScope();
        var (heads, size) = (_config.Attention.Heads, _config.Attention.HeadSize);
        // Times Dh, each row is as large as a value, whatever the size of a head: the norm's epsilon and the learning rate mean the same in every model.
        var read = AttentionMemory.Of(_prompt.PlainKeys[l], _prompt.KeyValues[l].Values, heads) * size.Kept();                      // [H,Dh,Dh]
        var rows = read.transpose(0, 1).reshape(size, (long)heads * size);
        var change = _adapters[l - _first].Forward(rows, parameters, dropout).view(size, heads, size).transpose(0, 1);
        var gates = parameters.Adapter(GateOf(l)).view(heads, 1, 1) / size.Kept();
        return (read.Plus(change) * gates).unsqueeze(0).contiguous().MoveToOuterDisposeScope();
    }

    private static string GateOf(int layer) => $"{layer}.memory.gate";
}

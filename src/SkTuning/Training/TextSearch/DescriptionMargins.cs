using SkTuning.Adapters;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// Measures texts of the labels. As long as the prompt is the same, the model reads each row and each text once; a candidate then costs a fit of the head.
/// </summary>
/// <param name="open">Creates the head alone of a definition.</param>
/// <param name="margins">Fits and measures it.</param>
internal sealed class DescriptionMargins(Func<AdapterDefinition, HeadAlone> open, HeadMargins margins) : IDisposable
{
    private readonly Dictionary<string, Tensor> _states = new(StringComparer.Ordinal);
    private HeadAlone? _head;

    /// <summary>The number of texts that the model has read.</summary>
    public int TextsRead { get; private set; }

    /// <summary>The number of times that the model has read the rows.</summary>
    public int RowPasses { get; private set; }

    /// <summary>Returns the margins of the rows with the texts of a definition.</summary>
    public double[] Of(AdapterDefinition definition, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        if (_head is null || !_head.Adapter.Definition.PromptIds.AsSpan().SequenceEqual(definition.PromptIds)) Open(definition);
        var texts = definition.LabelDescriptions!;
        string[] unread = [.. texts.SelectMany(t => t).Where(t => !_states.ContainsKey(t)).Distinct(StringComparer.Ordinal)];
        foreach (var (text, states) in unread.Zip(_head!.StatesOf(unread, cancellationToken))) _states[text] = states.DetachFromDisposeScope();
        TextsRead += unread.Length;
        return margins.Of(_head, [.. texts.Select(own => cat([.. own.Select(t => _states[t])], 0))], cancellationToken);
    }

    private void Open(AdapterDefinition definition)
    {
        Dispose();
        _head = open(definition);
        RowPasses++;
    }

    public void Dispose()
    {
        foreach (var states in _states.Values) states.Dispose();
        _states.Clear();
        _head?.Dispose();
        _head = null;
    }
}

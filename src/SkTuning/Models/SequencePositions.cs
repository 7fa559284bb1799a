using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>The positions and the key mask of one forward pass. They are computed from the mask and never kept.</summary>
internal sealed class SequencePositions
{
    private readonly Tensor? _mask;
    private readonly long _rows, _length;

    /// <param name="request">The pass.</param>
    /// <param name="config">The traits.</param>
    /// <param name="rows">The number of rows B.</param>
    /// <param name="start">The number of vectors in the input prompt.</param>
    /// <param name="text">The text length T.</param>
    /// <param name="device">The device of the pass.</param>
    public SequencePositions(ForwardRequest request, ModelConfig config, long rows, long start, long text, Device device)
    {
        var injection = request.Injection;
        (_rows, _length, Prefix) = (rows, start + text, injection.PrefixLength);
        _mask = request.Mask is null || start == 0 ? request.Mask : cat([Ones(_rows, start), request.Mask], 1);
        var counted = _mask is null ? Numbers.Range(0, _length, device).unsqueeze(0) : (_mask.cumsum(1) - 1.Kept()).clamp_min(0.Kept());
        Positions = request.PositionIds
            ?? (injection.PositionOffset is { } offset ? counted.Plus(offset.unsqueeze(1)) : Prefix == 0 ? counted : counted.Plus(Prefix.Kept()));

        // The longest prefix and the longest text may belong to different rows.
        if (config.Positions is LearnedPositions learned && Prefix + _length > learned.Rows - learned.Offset
            && (injection.PositionOffset is null || Lengths().Max() > learned.Rows - learned.Offset))
            throw new SkTuningException($"{Prefix + _length} positions (prefix {Prefix}, prompt {start}, text {text}) are more than the " +
                $"{learned.Rows - learned.Offset} that the model has: shorten the text.");

        if (Prefix == 0) KeyMask = _mask;
        else if (_mask is not null || injection.PrefixMask is not null)
            KeyMask = cat([(injection.PrefixMask ?? Ones(1, Prefix)).expand(_rows, Prefix), _mask ?? Ones(_rows, _length)], 1);

        Tensor Ones(long rows, long columns) => ones(rows, columns, dtype: ScalarType.Int64, device: device);
    }

    /// <summary>The prefix length P.</summary>
    public long Prefix { get; }

    /// <summary>The positions of the sequence without the prefix, [1 or B, S] int64.</summary>
    public Tensor Positions { get; }

    /// <summary>1 for real keys, prefix first, [B, P+S]; null: all are real.</summary>
    public Tensor? KeyMask { get; }

    /// <summary>1 for real positions of the sequence without the prefix, [B,S]; null: all are real.</summary>
    public Tensor? OwnMask => _mask;

    /// <summary>Returns the length of each row: its highest position plus one, prefix included.</summary>
    public long[] Lengths()
    {
        using var scope = NewDisposeScope();
        var ends = Positions.amax([1]).Plus(1.Kept()).expand(_rows).cpu().contiguous();
        return ends.data<long>().ToArray();
    }
}

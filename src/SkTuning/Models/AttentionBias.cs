using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// The single place that decides which keys a query sees and what is added to each score: padding, causality, window, ALiBi, buckets. Hidden keys get a large
/// negative, finite number, so that a row of padding never becomes NaN.
/// </summary>
internal sealed class AttentionBias
{
    private readonly ModelConfig _config;
    private readonly Tensor _queryPositions, _keyPositions;
    private readonly Tensor? _keyMask, _buckets;
    private readonly long _prefix;
    private readonly ScalarType _dtype;
    private readonly Dictionary<int, Tensor?> _byWindow = [];

    /// <param name="config">The traits.</param>
    /// <param name="positions">The positions of the sequence, [1 or B, S].</param>
    /// <param name="keyMask">1 for real keys, prefix first, [1 or B, P+S]; null: all are real.</param>
    /// <param name="prefix">The prefix length P.</param>
    /// <param name="dtype">The dtype of the scores.</param>
    /// <param name="keepsHidden">Hidden keys of the prefix keep their positions; otherwise they are padding.</param>
    /// <param name="buckets">The table of <see cref="AttentionTrait.RelativeBuckets"/>, [rows, H].</param>
    public AttentionBias(ModelConfig config, Tensor positions, Tensor? keyMask, long prefix, ScalarType dtype, bool keepsHidden = false,
        Tensor? buckets = null)
    {
        (_config, _queryPositions, _keyMask, _prefix, _dtype, _buckets) = (config, positions, keyMask, prefix, dtype, buckets);
        if (prefix == 0) { _keyPositions = positions; return; }
        // Padding in a prefix takes no position, on either side.
        var before = keyMask is null || keepsHidden
            ? Numbers.Range(0, prefix, positions.device).unsqueeze(0)
            : (keyMask.narrow(1, 0, prefix).cumsum(1) - 1.Kept()).clamp_min(0.Kept());
        var rows = Math.Max(before.shape[0], positions.shape[0]);
        _keyPositions = cat([before.expand(rows, prefix), positions.expand(rows, positions.shape[1])], 1);
    }

    /// <summary>The positions of all keys, prefix first, [1 or B, P+S].</summary>
    public Tensor KeyPositions => _keyPositions;

    private float Hidden => _dtype == ScalarType.Float16 ? -6e4f : -1e30f;

    /// <summary>
    /// Returns the bias of one layer, [1 or B, Hkv or 1, G·S, P+S] for queries folded by group (G = H/Hkv), or null if there is nothing to add.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="withPrefix">False if this layer has no prefix: the bias then covers only the S keys of the sequence.</param>
    public Tensor? For(int layer, bool withPrefix)
    {
        var window = _config.Windows?[layer] ?? 0;
        var key = withPrefix || _prefix == 0 ? window : ~window;
        if (!_byWindow.TryGetValue(key, out var bias)) _byWindow[key] = bias = Make(window, withPrefix && _prefix > 0);
        return bias;
    }

    private Tensor? Make(int window, bool withPrefix)
    {
        using var scope = NewDisposeScope();
        var (length, skip) = (_queryPositions.shape[1], withPrefix ? 0 : _prefix);
        var keys = _keyPositions.narrow(1, skip, _prefix + length - skip);
        var seen = Seen(window, keys, length, withPrefix, skip);                                                // [1|B,1,S,K] bool, or null
        Tensor? bias = null;
        if (_config.Positions is AlibiPositions alibi) bias = Alibi(alibi, keys);                               // [1|B,H,1,K]
        if (_buckets is not null) bias = RelativeBuckets.Bias(_config.Attention.RelativeBuckets!, _buckets, _queryPositions, keys);
        if (seen is not null)
        {
            var hidden = zeros(seen.shape, ScalarType.Float32, seen.device).masked_fill(seen.logical_not(), Hidden.Kept());
            bias = bias is null ? hidden : bias.Plus(hidden);
        }
        if (bias is null) return null;
        var (heads, groups) = (_config.Attention.Heads, _config.Attention.KeyValueHeads);
        var (rows, k) = (bias.shape[0], bias.shape[3]);
        bias = bias.expand(rows, bias.shape[1], length, k);
        // The queries of one key/value head's group are stacked.
        if (heads != groups)
            bias = bias.shape[1] == 1
                ? bias.expand(rows, heads / groups, length, k).reshape(rows, 1, heads / groups * length, k)
                : bias.reshape(rows, groups, heads / groups * length, k);
        return bias.to_type(_dtype).contiguous().MoveToOuterDisposeScope();
    }

    private Tensor? Seen(int window, Tensor keys, long length, bool withPrefix, long skip)
    {
        Tensor? seen = null;
        if (_config.Causal)
        {
            // By index in the sequence: a query sees the prefix and everything before it, whatever the padding.
            var indices = Numbers.Range(0, length, keys.device);
            var earlier = indices.unsqueeze(1) >= indices.unsqueeze(0);
            if (withPrefix) earlier = cat([ones(length, _prefix, dtype: ScalarType.Bool, device: keys.device), earlier], 1);
            seen = earlier.unsqueeze(0).unsqueeze(0);
        }
        if (window > 0)
        {
            var distance = _queryPositions.unsqueeze(2) - keys.unsqueeze(1);                                    // [1|B,S,K]
            var near = (_config.Causal ? distance < window.Kept() : distance.abs() < window.Kept()).unsqueeze(1);
            seen = seen is null ? near : seen.logical_and(near);
        }
        if (_keyMask is not null)
        {
            var real = _keyMask.narrow(1, skip, _keyMask.shape[1] - skip).to_type(ScalarType.Bool).unsqueeze(1).unsqueeze(1);
            seen = seen is null ? real.expand(real.shape[0], 1, length, real.shape[3]) : seen.logical_and(real);
        }
        return seen;
    }

    private Tensor Alibi(AlibiPositions trait, Tensor keys)
    {
        var slopes = Devices.Send(tensor(Slopes(_config.Attention.Heads, trait.Largest), [1, _config.Attention.Heads, 1, 1]), keys.device);
        var positions = keys.unsqueeze(1).unsqueeze(1);                                                         // [1|B,1,1,K]
        if (trait.InBfloat16)
            return (slopes.to_type(ScalarType.BFloat16) * positions.to_type(ScalarType.BFloat16)).to_type(ScalarType.Float32) * Scale.Kept();
        // Counted from the end: a constant for a whole query does not change its softmax, and small numbers keep more digits.
        return slopes * (positions - keys.amax([1], keepdim: true).unsqueeze(1).unsqueeze(1)).to_type(ScalarType.Float32);
    }

    /// <summary>Falcon adds ALiBi before it scales the scores.</summary>
    private float Scale => _config.Attention.Scale ?? 1 / MathF.Sqrt(_config.Attention.HeadSize);

    /// <summary>
    /// The slope of each head. If the number of heads is not a power of two: those of the next lower power, then every second one of the next higher.
    /// </summary>
    internal static float[] Slopes(int heads, float largest)
    {
        var lower = 1 << (int)Math.Log2(heads);
        var slopes = Enumerable.Range(1, lower).Select(i => MathF.Pow(2, -largest * i / lower));
        var between = Enumerable.Range(0, heads - lower).Select(i => MathF.Pow(2, -largest * (2 * i + 1) / (2 * lower)));
        return [.. slopes, .. between];
    }
}

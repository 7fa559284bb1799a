namespace SkTuning.Models;

/// <summary>Refuses traits that no model has or that would need an absurd amount of memory, before any weight is read.</summary>
internal static class ConfigCheck
{
    public static ModelConfig Checked(ModelConfig c, ConfigJson json)
    {
        AtMost("num_hidden_layers", c.Layers, 1000);
        // Numbers that are computed from several settings.
        (string, float)[] scales =
        [
            ("the scale of scores", c.Attention.Scale ?? 1), ("the scale of logits", c.Head.Scale), ("the scale of embeddings", c.Embedding.Scale),
            ("the scale of residuals", c.ResidualScale),
        ];
        foreach (var (what, number) in scales)
            if (number is not (> 0 and <= ConfigJson.LargestFactor))
                throw json.Refused("model_type",
                    FormattableString.Invariant($"\"{c.Family}\" with settings that make {what} {number}"), ConfigJson.FactorsAllowed);
        AtMost("hidden_size", c.Hidden, 1 << 17);
        AtMost("vocab_size", c.Vocabulary, 1 << 24);
        AtMost("num_attention_heads", c.Attention.Heads, 4096);
        AtMost("head_dim", c.Attention.HeadSize, 4096);
        AtMost("intermediate_size", c.FeedForward.Size, 1 << 20);
        if (c.Attention.Heads % c.Attention.KeyValueHeads != 0)
            throw json.Refused("num_key_value_heads", $"{c.Attention.KeyValueHeads}", $"a divisor of num_attention_heads {c.Attention.Heads}");
        if (c.Windows is { } windows && windows.Count != c.Layers)
            throw json.Refused("layer_types", $"{windows.Count} entries", $"one for each of the {c.Layers} layers");
        if (c.Positions is LearnedPositions learned && learned.Rows <= learned.Offset)
            throw json.Refused("max_position_embeddings", $"{learned.Rows}", $"more than the {learned.Offset} rows before position 0");
        if (c.FeedForward.Mixture is { } mixture)
        {
            AtMost("num_experts", mixture.Experts, 4096);
            AtMost("num_experts_per_tok", mixture.Taken, mixture.Experts);
            AtMost("moe_intermediate_size", mixture.Size, 1 << 20);
        }
        if (c.Positions is RotaryPositions rotary)
        {
            if (rotary.Layers.Count != 1 && rotary.Layers.Count != c.Layers)
                throw json.Refused("rope_parameters", $"{rotary.Layers.Count} entries", $"one, or one for each of the {c.Layers} layers");
            foreach (var r in rotary.Layers)
            {
                if (r is not null && (r.Theta <= 0 || r.Size > c.Attention.HeadSize))
                    throw json.Refused("rope_theta", FormattableString.Invariant($"{r.Theta} over {r.Size} values"),
                        $"above 0, over at most the {c.Attention.HeadSize} values of a head");
                if (r?.Scaling is LongScaling { Short.Length: var near, Long.Length: var far } && (near != r.Size / 2 || far != r.Size / 2))
                    throw json.Refused("rope_scaling", $"{near} divisors in short_factor and {far} in long_factor",
                        $"{r.Size / 2}, one for each pair of the {r.Size} rotated values");
                if (r is { Scaling: DynamicScaling, Size: 2 }) throw json.Refused("rope_scaling", "dynamic with two rotated values", "four or more");
            }
        }
        foreach (var angles in (c.Positions as RotaryPositions)?.Layers.OfType<RotaryTrait>().Distinct() ?? []) CheckAngles(angles, c.Context, json);
        return c;

        void AtMost(string key, int value, int max)
        {
            if (value > max) throw json.Refused(key, $"{value}", $"at most {max}");
        }
    }

    /// <summary>Refuses a scaling whose numbers are valid one by one, but not together: an angle that is not a number makes every state one.</summary>
    private static void CheckAngles(RotaryTrait rotary, int context, ConfigJson json)
    {
        foreach (var length in (long[])[1, context, 2L * context])
        {
            var (frequencies, factor) = rotary.For(length);
            if (Array.Find(frequencies, f => !(f >= 0 && float.IsFinite((float)f))) is var wrong and not 0)
                throw json.Refused("rope_scaling", FormattableString.Invariant($"a setting that makes a frequency {wrong} at length {length}"),
                    "finite frequencies from 0");
            if (factor is not (> 0 and <= ConfigJson.LargestFactor))
                throw json.Refused("rope_scaling", FormattableString.Invariant($"a setting that makes the factor on angles {factor}"),
                    ConfigJson.FactorsAllowed);
        }
    }
}

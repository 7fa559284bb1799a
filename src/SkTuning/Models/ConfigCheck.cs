using SkTuning.Heads;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Models;

/// <summary>Traits that no model has, or that would ask for absurd memory, are refused before anything is read.</summary>
internal static class ConfigCheck
{
    public static ModelConfig Checked(ModelConfig c, ConfigJson json)
    {
        Most("num_hidden_layers", c.Layers, 1000);
        // What was computed from several settings.
        foreach (var (what, number) in (ReadOnlySpan<(string, float)>)[("the scale of scores", c.Attention.Scale ?? 1), ("the scale of logits", c.Head.Scale), ("the scale of embeddings", c.Embedding.Scale)])
            if (!float.IsFinite(number)) throw json.Refused("model_type", $"\"{c.Family}\" with settings of which {what} becomes {number}", "a number that fp32 has");
        Most("hidden_size", c.Hidden, 1 << 17);
        Most("vocab_size", c.Vocabulary, 1 << 24);
        Most("num_attention_heads", c.Attention.Heads, 4096);
        Most("head_dim", c.Attention.HeadSize, 4096);
        Most("intermediate_size", c.FeedForward.Size, 1 << 20);
        if (c.Attention.Heads % c.Attention.KeyValueHeads != 0)
            throw json.Refused("num_key_value_heads", $"{c.Attention.KeyValueHeads}", $"a divisor of num_attention_heads {c.Attention.Heads}");
        if (c.Windows is { } windows && windows.Count != c.Layers) throw json.Refused("layer_types", $"{windows.Count} entries", $"one for each of the {c.Layers} layers");
        if (c.Positions is LearnedPositions learned && learned.Rows <= learned.Offset)
            throw json.Refused("max_position_embeddings", $"{learned.Rows}", $"more than the {learned.Offset} rows before position 0");
        if (c.FeedForward.Mixture is { } mixture)
        {
            Most("num_experts", mixture.Experts, 4096);
            Most("num_experts_per_tok", mixture.Taken, mixture.Experts);
            Most("moe_intermediate_size", mixture.Size, 1 << 20);
        }
        if (c.Positions is RotaryPositions rotary)
        {
            if (rotary.Layers.Count != 1 && rotary.Layers.Count != c.Layers) throw json.Refused("rope_parameters", $"{rotary.Layers.Count} entries", $"one, or one for each of the {c.Layers} layers");
            foreach (var r in rotary.Layers)
            {
                if (r is not null && (r.Theta <= 0 || r.Size > c.Attention.HeadSize)) throw json.Refused("rope_theta", $"{r.Theta} over {r.Size} values", "a theta above 0 and at most a head's values");
                if (r?.Scaling is LongScaling { Short.Length: var near, Long.Length: var far } && (near != r.Size / 2 || far != r.Size / 2))
                    throw json.Refused("rope_scaling", $"{near} divisors in short_factor and {far} in long_factor", $"{r.Size / 2}, one for each pair of the {r.Size} rotated values");
                if (r is { Scaling: DynamicScaling, Size: 2 }) throw json.Refused("rope_scaling", "dynamic with two rotated values", "four or more");
            }
        }
        return c;

        void Most(string key, int value, int most)
        {
            if (value > most) throw json.Refused(key, $"{value}", $"at most {most}");
        }
    }
}

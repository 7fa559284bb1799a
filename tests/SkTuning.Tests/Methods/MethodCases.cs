using SkTuning.Models;

namespace SkTuning.Tests.Methods;

/// <summary>What a method must be equal to, bit for bit, before its first step.</summary>
public enum StartsAs { FrozenModel, BehindThePromptsKeysAndValues, BehindThePromptsWords, Nothing }

/// <summary>A method with options, the fixture models that it is tested on, and the number of values that it trains (model, prompt tokens).</summary>
internal sealed record MethodCase(TuningOptions Options, StartsAs Start, string[] Families, Func<ModelConfig, long, long> Count)
{
    /// <summary>False for the authors' presets, whose head sees padding.</summary>
    public bool RowsAreAlone { get; init; } = true;

    /// <summary>The number of values of a head with three outputs.</summary>
    public Func<ModelConfig, long> Head { get; init; } = c => 3L * c.Hidden + 3;
}

/// <summary>Every method, with the options that change what it computes. A new method is one line.</summary>
internal static class MethodCases
{
    private static readonly string[] Decoders = ["llama", "gpt2", "bloom"], Encoders = ["bert"], Every = [.. Decoders, .. Encoders];

    public static IReadOnlyDictionary<string, MethodCase> All { get; } = new Dictionary<string, MethodCase>
    {
        ["probe"] = new(new ProbeOptions(), StartsAs.FrozenModel, Every, (c, p) => 0),
        ["layer-mix"] = new(new LayerMixOptions(), StartsAs.FrozenModel, [.. Every, "albert"], (c, p) => 0)
        { Head = c => 3L * c.Hidden + 3 + c.Layers + 1 + 1 },
        ["layer-mix not normalized"] = new(new LayerMixOptions { Normalize = false }, StartsAs.FrozenModel, ["gpt2"], (c, p) => 0)
        { Head = c => 3L * c.Hidden + 3 + c.Layers + 1 + 1 },
        ["l-tuning"] = new(new LTuningOptions { Bottleneck = 3 }, StartsAs.Nothing, Every,
            (c, p) => c.Layers * Bottleneck(c, 3, 2 * KeyValues(c)))
        { Head = c => c.Hidden + 1 },
        ["sk-prefix+lora"] = new(Joined(new SkPrefixOptions { Bottleneck = 3 }, new LoraOptions { Rank = 2 }), StartsAs.BehindThePromptsKeysAndValues, Every,
            (c, p) => c.Layers * Bottleneck(c, 3, 2 * KeyValues(c)) + 2L * c.Layers * (c.Hidden + Width(c) + c.Hidden + KeyValues(c))),
        ["sk-prefix+ia3"] = new(Joined(new SkPrefixOptions { Bottleneck = 3 }, new Ia3Options()), StartsAs.BehindThePromptsKeysAndValues, Every,
            (c, p) => c.Layers * (Bottleneck(c, 3, 2 * KeyValues(c)) + 2 * KeyValues(c) + c.FeedForward.Size)),
        ["sk-prompt+lora+ia3"] = new(Joined(new SkPromptOptions { Bottleneck = 3 }, new LoraOptions { Rank = 1, Targets = ["value"] }, new Ia3Options()),
            StartsAs.BehindThePromptsWords, Every,
            (c, p) => Bottleneck(c, 3, Words(c)) + (long)c.Layers * (c.Hidden + KeyValues(c) + 2 * KeyValues(c) + c.FeedForward.Size)),
        ["lora+bitfit"] = new(Joined(new LoraOptions { Rank = 1, Targets = ["value"] }, new BitFitOptions()), StartsAs.FrozenModel, ["llama", "bert"],
            (c, p) => (long)c.Layers * (c.Hidden + KeyValues(c)) + c.Layers * (Linears(c, alsoInputs: false) + (c.Family == "llama" ? 0 : 2L * c.Hidden))),
        ["zero-shot"] = new(new ZeroShotOptions(), StartsAs.BehindThePromptsKeysAndValues, Every, (c, p) => 0),
        ["sk-prefix"] = new(new SkPrefixOptions { Bottleneck = 3 }, StartsAs.BehindThePromptsKeysAndValues, Every,
            (c, p) => c.Layers * Bottleneck(c, 3, 2 * KeyValues(c))),
        ["sk-prefix last layers"] = new(new SkPrefixOptions { Bottleneck = 3, LastLayers = 2 }, StartsAs.BehindThePromptsKeysAndValues, Every,
            (c, p) => 2 * Bottleneck(c, 3, 2 * KeyValues(c))),
        ["sk-prefix from a layer"] = new(new SkPrefixOptions { Bottleneck = 3, FirstLayer = 1 }, StartsAs.BehindThePromptsKeysAndValues, Decoders,
            (c, p) => (c.Layers - 1) * Bottleneck(c, 3, 2 * KeyValues(c))),
        ["sk-prefix values only"] = new(new SkPrefixOptions { Bottleneck = 3, ValuesOnly = true }, StartsAs.BehindThePromptsKeysAndValues, Every,
            (c, p) => c.Layers * Bottleneck(c, 3, KeyValues(c))),
        ["sk-prefix shared"] = new(new SkPrefixOptions { Bottleneck = 3, Shared = true }, StartsAs.BehindThePromptsKeysAndValues, Every,
            (c, p) => Bottleneck(c, 3, 2 * KeyValues(c))),
        ["sk-prefix gate"] = new(new SkPrefixOptions { Bottleneck = 3, Gate = true }, StartsAs.BehindThePromptsKeysAndValues, Every,
            (c, p) => c.Layers * (1 + Bottleneck(c, 3, 2 * KeyValues(c)))),
        ["sk-prefix no residual"] = new(new SkPrefixOptions { Bottleneck = 3, Residual = false }, StartsAs.Nothing, Every,
            (c, p) => c.Layers * Bottleneck(c, 3, 2 * KeyValues(c))),
        ["sk-prefix shared values no residual gate"] = new(
            new SkPrefixOptions { Bottleneck = 3, Shared = true, ValuesOnly = true, Residual = false, Gate = true, LastLayers = 2 }, StartsAs.Nothing, Every,
            (c, p) => 2 + Bottleneck(c, 3, KeyValues(c))),
        ["sk-prompt"] = new(new SkPromptOptions { Bottleneck = 3 }, StartsAs.BehindThePromptsWords, [.. Every, "albert", "modernbert"],
            (c, p) => Bottleneck(c, 3, Words(c))),
        ["sk-memory"] = new(new SkMemoryOptions { Bottleneck = 3 }, StartsAs.FrozenModel, [.. Every, "phi", "falcon-40b", "deberta-v2", "albert", "modernbert"],
            (c, p) => c.Layers * (Bottleneck(c, 3, Width(c), Width(c)) + c.Attention.Heads)),
        ["sk-memory last layer"] = new(new SkMemoryOptions { Bottleneck = 3, LastLayers = 1 }, StartsAs.FrozenModel, ["llama", "bert"],
            (c, p) => Bottleneck(c, 3, Width(c), Width(c)) + c.Attention.Heads),
        ["sk-memory+lora"] = new(Joined(new SkMemoryOptions { Bottleneck = 3 }, new LoraOptions { Rank = 1, Targets = ["value"] }), StartsAs.FrozenModel, Every,
            (c, p) => c.Layers * (Bottleneck(c, 3, Width(c), Width(c)) + c.Attention.Heads + c.Hidden + KeyValues(c))),
        ["sk-prefix+sk-memory"] = new(Joined(new SkPrefixOptions { Bottleneck = 3 }, new SkMemoryOptions { Bottleneck = 2 }),
            StartsAs.BehindThePromptsKeysAndValues, Every,
            (c, p) => c.Layers * (Bottleneck(c, 3, 2 * KeyValues(c)) + Bottleneck(c, 2, Width(c), Width(c)) + c.Attention.Heads)),
        ["prompt text"] = new(new PromptTuningOptions(), StartsAs.BehindThePromptsWords, [.. Every, "albert"], (c, p) => p * Words(c)),
        ["prompt vocabulary"] = new(new PromptTuningOptions { Start = PromptStart.Vocabulary, Tokens = 6 }, StartsAs.Nothing, Every, (c, p) => 6 * Words(c)),
        ["prompt random"] = new(new PromptTuningOptions { Start = PromptStart.Random }, StartsAs.Nothing, Every, (c, p) => 20 * Words(c)),
        ["p-tuning"] = new(new PTuningOptions { Tokens = 5, Width = 6 }, StartsAs.Nothing, [.. Every, "albert"],
            (c, p) => 5 * Words(c) + 6 * Words(c) + 6 + 42 + 7 * Words(c)),
        ["p-tuning lstm"] = new(new PTuningOptions { Tokens = 5, Width = 6, Network = PTuningNetwork.Lstm }, StartsAs.Nothing, Every,
            (c, p) => 5 * Words(c) + 2 * 24 * (Words(c) + 6 + 2) + 2 * 24 * (12 + 6 + 2) + 12 * 13 + 13 * Words(c)),
        ["prefix text"] = new(new PrefixTuningOptions(), StartsAs.BehindThePromptsKeysAndValues, Every, (c, p) => 2 * p * c.Layers * KeyValues(c)),
        ["prefix random"] = new(new PrefixTuningOptions { Start = PrefixStart.Random, Tokens = 5 }, StartsAs.Nothing, Every,
            (c, p) => 10 * c.Layers * KeyValues(c)),
        ["prefix first tokens"] = new(new PrefixTuningOptions { Tokens = 2 }, StartsAs.Nothing, Every, (c, p) => 4 * c.Layers * KeyValues(c)),
        ["prefix demonstrations"] = new(new PrefixTuningOptions { Demonstrations = 1, TokenDropout = 0.2 }, StartsAs.BehindThePromptsKeysAndValues, Decoders,
            (c, p) => 2 * p * c.Layers * KeyValues(c)),
        ["prefix distilled"] = new(new PrefixTuningOptions { Distillation = 3 }, StartsAs.BehindThePromptsKeysAndValues, Every,
            (c, p) => 2 * p * c.Layers * KeyValues(c)),
        ["prefix projected"] = new(new PrefixTuningOptions { Start = PrefixStart.Random, Tokens = 5, Projection = 4 }, StartsAs.Nothing, Every,
            (c, p) => 5 * KeyValues(c) + 4 * (KeyValues(c) + 1) + 5 * 2 * c.Layers * KeyValues(c)),
        ["ipt"] = new(new IptOptions { TableRows = 8 }, StartsAs.BehindThePromptsKeysAndValues, Every, (c, p) => 2 * (p * c.Layers + 8) * KeyValues(c)),
        ["ipt encoder"] = new(new IptOptions { Form = IptForm.Encoder, Bottleneck = 3 }, StartsAs.BehindThePromptsKeysAndValues, Every,
            (c, p) => 2 * p * c.Layers * KeyValues(c) + Bottleneck(c, 3, 2 * KeyValues(c), Words(c))),
        ["ipt shuffled"] = new(new IptOptions { TableRows = 8, Ids = IptIds.Shuffled }, StartsAs.BehindThePromptsKeysAndValues, Every,
            (c, p) => 2 * (p * c.Layers + 8) * KeyValues(c)),
        ["ipt random start"] = new(new IptOptions { TableRows = 8, Start = PrefixStart.Random, Tokens = 5 }, StartsAs.Nothing, Every,
            (c, p) => 2 * (5L * c.Layers + 8) * KeyValues(c)),
        ["ipt behind the prompt"] = new(new IptOptions { TableRows = 8, TrainsPrefix = false }, StartsAs.BehindThePromptsKeysAndValues, Every,
            (c, p) => 16 * KeyValues(c)),
        ["ipt+bitfit"] = new(Joined(new IptOptions { TableRows = 8 }, new BitFitOptions()), StartsAs.BehindThePromptsKeysAndValues, ["llama", "bert"],
            (c, p) => 2 * (p * c.Layers + 8) * KeyValues(c) + c.Layers * (Linears(c, alsoInputs: false) + (c.Family == "llama" ? 0 : 2L * c.Hidden))),
        ["lora"] = new(new LoraOptions { Rank = 2 }, StartsAs.FrozenModel, [.. Every, "falcon-40b", "deberta-v2", "phi3"],
            (c, p) => 2L * c.Layers * (c.Hidden + Width(c) + c.Hidden + KeyValues(c))),
        ["lora all"] = new(new LoraOptions { Rank = 2, Targets = ["all"], Alpha = 1, RankStabilized = true }, StartsAs.FrozenModel, [.. Every, "phi3"],
            (c, p) => 2L * c.Layers * Linears(c, alsoInputs: true)),
        ["lora gate and up"] = new(new LoraOptions { Rank = 1, Targets = ["gate", "up"] }, StartsAs.FrozenModel, ["llama", "phi3"],
            (c, p) => 2L * c.Layers * (c.Hidden + c.FeedForward.Size)),
        ["ia3"] = new(new Ia3Options(), StartsAs.FrozenModel, [.. Every, "phi3", "falcon-7b", "albert"],
            (c, p) => (long)c.Layers * (2 * KeyValues(c) + c.FeedForward.Size)),
        ["ia3 at inputs"] = new(new Ia3Options { OutputTargets = ["queryKeyValue"], InputTargets = ["key", "value"] }, StartsAs.FrozenModel, ["gpt2", "bloom"],
            (c, p) => (long)c.Layers * (Width(c) + 2 * KeyValues(c) + 2 * c.Hidden)),
        ["bitfit"] = new(new BitFitOptions(), StartsAs.FrozenModel, [.. Every, "starcoder2"],
            (c, p) => c.Layers * (Linears(c, alsoInputs: false) + (c.Family == "llama" ? 0 : 2L * c.Hidden))
                + (c.FinalNorm && c.Family != "llama" ? c.Hidden : 0)),
        ["top-layers"] = new(new TopLayersOptions(), StartsAs.FrozenModel, ["llama", "bert"],
            (c, p) => Weights(c) + (c.Causal ? 3L * c.Hidden : Linears(c, alsoInputs: false) + 4L * c.Hidden)),
        ["authors-bert prefix"] = new(new AuthorsBertOptions { Pooling = false, Dropout = 0 }, StartsAs.Nothing, Encoders,
            (c, p) => 2L * c.Layers * c.Hidden * (c.Hidden + 1))
        { RowsAreAlone = false },
        ["authors-bert prompt pooling"] = new(new AuthorsBertOptions { Place = AuthorsPlace.Prompt, Dropout = 0 }, StartsAs.Nothing, Encoders,
            (c, p) => c.Hidden + 1 + (p + 1) * p * c.Hidden)
        { RowsAreAlone = false },
        ["authors-llm prefix"] = new(new AuthorsLlmOptions { Dropout = 0 }, StartsAs.Nothing, Decoders, (c, p) => p * c.Hidden) { RowsAreAlone = false },
        ["authors-llm prefix transform"] = new(new AuthorsLlmOptions { Transform = true, Dropout = 0 }, StartsAs.Nothing, Decoders,
            (c, p) => p * c.Hidden + (long)c.Attention.HeadSize * c.Attention.HeadSize)
        { RowsAreAlone = false },
        ["authors-llm prompt"] = new(new AuthorsLlmOptions { Place = AuthorsPlace.Prompt, Dropout = 0 }, StartsAs.BehindThePromptsWords, Decoders,
            (c, p) => p * c.Hidden)
        { RowsAreAlone = false },
    };

    public static IEnumerable<TheoryDataRow<string, string>> Rows()
        => from c in All
           from family in c.Value.Families
           where Directory.Exists(Path.Combine(Fixtures.Root, "models", family))
           select new TheoryDataRow<string, string>(c.Key, family);

    private static CompositeOptions Joined(params TuningOptions[] parts) => new() { Parts = parts };

    /// <summary>D·r + r + r·out + out.</summary>
    private static long Bottleneck(ModelConfig c, long r, long outputs) => Bottleneck(c, r, outputs, c.Hidden);

    private static long Bottleneck(ModelConfig c, long r, long outputs, long inputs) => inputs * r + r + r * outputs + outputs;

    private static long Words(ModelConfig c) => c.Embedding.Size > 0 ? c.Embedding.Size : c.Hidden;

    /// <summary>H·Dh.</summary>
    private static long Width(ModelConfig c) => (long)c.Attention.Heads * c.Attention.HeadSize;

    /// <summary>The number of outputs of all linear layers of a layer, and of their inputs.</summary>
    private static long Linears(ModelConfig c, bool alsoInputs)
    {
        var outputs = Width(c) + 2 * KeyValues(c) + c.Hidden + (c.FeedForward.Gated ? 2L : 1) * c.FeedForward.Size + c.Hidden;
        long attentionInputs = c.Attention.Fused == FusedLayout.None ? 3 : 1, upInputs = c.FeedForward is { Gated: true, FusedGate: false } ? 2 : 1;
        return outputs + (alsoInputs ? attentionInputs * c.Hidden + Width(c) + upInputs * c.Hidden + c.FeedForward.Size : 0);
    }

    /// <summary>The matrices of a layer.</summary>
    private static long Weights(ModelConfig c) => c.Hidden * (2 * Width(c) + 2 * KeyValues(c) + (c.FeedForward.Gated ? 3L : 2) * c.FeedForward.Size);

    private static long KeyValues(ModelConfig c) => (long)c.Attention.KeyValueHeads * c.Attention.HeadSize;
}

using SkTuning.Models;
using SkTuning.Tuning;
using SkTuning.Tuning.AuthorsBert;
using SkTuning.Tuning.AuthorsLlm;
using SkTuning.Tuning.Probe;
using SkTuning.Tuning.SkPrefix;
using SkTuning.Tuning.SkPrompt;

namespace SkTuning.Tests.Tuning;

/// <summary>What a method must equal bit for bit before its first step.</summary>
public enum StartsAs { FrozenModel, BehindThePromptsKeysAndValues, BehindThePromptsWords, Nothing }

/// <summary>One method with options, the fixture models it is tried on, and how many values it trains (model, prompt tokens).</summary>
internal sealed record MethodCase(TuningOptions Options, StartsAs Start, string[] Families, Func<ModelConfig, long, long> Count)
{
    /// <summary>False for the authors' presets, whose head sees padding.</summary>
    public bool RowsAreAlone { get; init; } = true;
}

/// <summary>Every method, with the options that change what it computes. A new method is a line.</summary>
internal static class MethodCases
{
    private static readonly string[] Decoders = ["llama", "gpt2", "bloom"], Encoders = ["bert"], Every = [.. Decoders, .. Encoders];

    public static IReadOnlyDictionary<string, MethodCase> All { get; } = new Dictionary<string, MethodCase>
    {
        ["probe"] = new(new ProbeOptions(), StartsAs.FrozenModel, Every, (c, p) => 0),
        ["sk-prefix"] = new(new SkPrefixOptions { Bottleneck = 3 }, StartsAs.BehindThePromptsKeysAndValues, Every, (c, p) => c.Layers * Bottleneck(c, 3, 2 * KeyValues(c))),
        ["sk-prefix last layers"] = new(new SkPrefixOptions { Bottleneck = 3, LastLayers = 2 }, StartsAs.BehindThePromptsKeysAndValues, Every, (c, p) => 2 * Bottleneck(c, 3, 2 * KeyValues(c))),
        ["sk-prefix from a layer"] = new(new SkPrefixOptions { Bottleneck = 3, FirstLayer = 1 }, StartsAs.BehindThePromptsKeysAndValues, Decoders, (c, p) => (c.Layers - 1) * Bottleneck(c, 3, 2 * KeyValues(c))),
        ["sk-prefix values only"] = new(new SkPrefixOptions { Bottleneck = 3, ValuesOnly = true }, StartsAs.BehindThePromptsKeysAndValues, Every, (c, p) => c.Layers * Bottleneck(c, 3, KeyValues(c))),
        ["sk-prefix shared"] = new(new SkPrefixOptions { Bottleneck = 3, Shared = true }, StartsAs.BehindThePromptsKeysAndValues, Every, (c, p) => Bottleneck(c, 3, 2 * KeyValues(c))),
        ["sk-prefix gate"] = new(new SkPrefixOptions { Bottleneck = 3, Gate = true }, StartsAs.BehindThePromptsKeysAndValues, Every, (c, p) => c.Layers * (1 + Bottleneck(c, 3, 2 * KeyValues(c)))),
        ["sk-prefix no residual"] = new(new SkPrefixOptions { Bottleneck = 3, Residual = false }, StartsAs.Nothing, Every, (c, p) => c.Layers * Bottleneck(c, 3, 2 * KeyValues(c))),
        ["sk-prefix shared values no residual gate"] = new(new SkPrefixOptions { Bottleneck = 3, Shared = true, ValuesOnly = true, Residual = false, Gate = true, LastLayers = 2 }, StartsAs.Nothing, Every, (c, p) => 2 + Bottleneck(c, 3, KeyValues(c))),
        ["sk-prompt"] = new(new SkPromptOptions { Bottleneck = 3 }, StartsAs.BehindThePromptsWords, [.. Every, "albert", "modernbert"], (c, p) => Bottleneck(c, 3, c.Embedding.Size > 0 ? c.Embedding.Size : c.Hidden)),
        ["authors-bert prefix"] = new(new AuthorsBertOptions { Pooling = false, Dropout = 0 }, StartsAs.Nothing, Encoders, (c, p) => 2L * c.Layers * c.Hidden * (c.Hidden + 1)) { RowsAreAlone = false },
        ["authors-bert prompt pooling"] = new(new AuthorsBertOptions { Place = AuthorsPlace.Prompt, Dropout = 0 }, StartsAs.Nothing, Encoders, (c, p) => c.Hidden + 1 + (p + 1) * p * c.Hidden) { RowsAreAlone = false },
        ["authors-llm prefix"] = new(new AuthorsLlmOptions { Dropout = 0 }, StartsAs.Nothing, Decoders, (c, p) => p * c.Hidden) { RowsAreAlone = false },
        ["authors-llm prefix transform"] = new(new AuthorsLlmOptions { Transform = true, Dropout = 0 }, StartsAs.Nothing, Decoders, (c, p) => p * c.Hidden + (long)c.Attention.HeadSize * c.Attention.HeadSize) { RowsAreAlone = false },
        ["authors-llm prompt"] = new(new AuthorsLlmOptions { Place = AuthorsPlace.Prompt, Dropout = 0 }, StartsAs.BehindThePromptsWords, Decoders, (c, p) => p * c.Hidden) { RowsAreAlone = false },
    };

    public static IEnumerable<TheoryDataRow<string, string>> Rows()
        => from c in All from family in c.Value.Families where Directory.Exists(Path.Combine(Fixtures.Root, "models", family)) select new TheoryDataRow<string, string>(c.Key, family);

    /// <summary>D·r + r + r·out + out.</summary>
    private static long Bottleneck(ModelConfig c, long r, long outputs) => c.Hidden * r + r + r * outputs + outputs;

    private static long KeyValues(ModelConfig c) => (long)c.Attention.KeyValueHeads * c.Attention.HeadSize;
}

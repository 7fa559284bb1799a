using SkTuning.Checkpoints.Gguf;
using SkTuning.Models.Gguf;

namespace SkTuning.Models.Families;

/// <summary>
/// One family of models: its config.json as traits, the names of its weights, its GGUF files and its classifiers. Everything that is particular to a family is
/// in its own file.
/// </summary>
internal abstract class ModelFamily
{
    /// <summary>The values of <c>model_type</c> that belong to the family.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>Reads the traits of a model.</summary>
    public ModelConfig Read(ConfigJson config) => ReadTraits(config) with { Classifier = Classifier };

    /// <summary>Reads the traits that config.json determines.</summary>
    protected abstract ModelConfig ReadTraits(ConfigJson c);

    /// <summary>The names of the weights in a checkpoint.</summary>
    public abstract WeightNames Weights(ModelConfig config);

    /// <summary>The form of the family's classifiers in other programs.</summary>
    public virtual ClassifierTrait Classifier => ClassifierTrait.Decoder;

    /// <summary>The GGUF files of the family; null if they are not supported.</summary>
    public virtual GgufArchitecture? Gguf => null;

    /// <summary>Every family.</summary>
    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        new Bloom(),
        new Cohere(),
        new Falcon(),
        new Gemma(),
        new Gemma2(),
        new Gemma3(),
        new Gpt2(),
        new GptBigCode(),
        new GptJ(),
        new GptNeo(),
        new GptNeoX(),
        new Granite(),
        new Llama(),
        new Mistral(),
        new Mixtral(),
        new Mpt(),
        new Olmo(),
        new Olmo2(),
        new Opt(),
        new Phi(),
        new Phi3(),
        new Qwen2(),
        new Qwen3(),
        new Qwen3Moe(),
        new SmolLm3(),
        new StableLm(),
        new Starcoder2(),
        new Bert(),
        new Roberta(),
        new Electra(),
        new DistilBert(),
        new Albert(),
        new MpNet(),
        new DebertaV2(),
        new ModernBert(),
    ];

    /// <summary>The values of <c>model_type</c> that can be loaded.</summary>
    public static IEnumerable<string> Supported => NamesOf(_ => true);

    /// <summary>Returns the <c>model_type</c>s of the families that meet a condition, for messages.</summary>
    public static IEnumerable<string> NamesOf(Func<ModelFamily, bool> condition) => All.Where(condition).SelectMany(f => f.Names).Order(StringComparer.Ordinal);

    /// <summary>Returns the family of a config.json.</summary>
    /// <exception cref="SkTuningException">The family is not supported, or the weights are quantized in another format than GGUF.</exception>
    public static ModelFamily Of(ConfigJson config)
    {
        var type = config.Text("model_type");
        RefuseQuantization(config);
        return All.FirstOrDefault(f => f.Names.Contains(type))
            ?? throw config.Refused("model_type", $"\"{type}\"", "one of " + string.Join(", ", Supported));
    }

    /// <summary>
    /// Refuses weights that another program quantized (GPTQ, AWQ, bitsandbytes, FP8…): they have other names and types, so without this check a tensor would be
    /// missing.
    /// </summary>
    private static void RefuseQuantization(ConfigJson config)
    {
        foreach (var key in (string[])["quantization_config", "compression_config"])
        {
            if (!config.Has(key)) continue;
            var found = config.Inner(key) is { } inner && inner.Has("quant_method") ? $"\"{inner.Text("quant_method")}\"" : "set";
            throw config.Refused(key, found, $"no quantization, or a GGUF file of {BlockType.SupportedNames}",
                "Use the folder of the model before quantization, or a GGUF file of the model.");
        }
    }

    /// <summary>Reads an activation by Hugging Face's name (transformers, activations.py).</summary>
    protected static Activation ActivationOf(ConfigJson config, string key, string? orElse = null) => config.Text(key, orElse) switch
    {
        "gelu" or "gelu_python" => Activation.Gelu,
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" or "gelu_python_tanh" or "gelu_accurate" => Activation.GeluTanh,
        "relu" => Activation.Relu,
        "silu" or "swish" => Activation.Silu,
        "relu2" => Activation.ReluSquared,
        "quick_gelu" => Activation.QuickGelu,
        "tanh" => Activation.Tanh,
        var other => throw config.Refused(key, $"\"{other}\"", "gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, relu, relu2, silu, swish, quick_gelu or tanh"),
    };

    /// <summary>Reads the head size: <c>head_dim</c>, or hidden / heads, which must divide.</summary>
    protected static int HeadSize(ConfigJson config, int hidden, int heads)
    {
        if (config.Has("head_dim")) return config.Size("head_dim");
        if (hidden % heads != 0) throw config.Refused("num_attention_heads", $"{heads}", $"a divisor of hidden_size {hidden}");
        return hidden / heads;
    }
}

using SkTuning.Checkpoints;
using SkTuning.Heads;
using SkTuning.Methods.Ia3;
using SkTuning.Methods.Lora;
using SkTuning.Methods.PrefixTuning;
using SkTuning.Methods.PromptTuning;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Peft;

/// <summary>
/// An adapter that PEFT saved, as one of our methods and the values of its trained tensors. PEFT stores neither labels nor how many there are: they are the caller's.
/// What was made by a network (prefix projection, P-tuning) is on disk as it came out of it.
/// </summary>
internal sealed class PeftAdapter : IDisposable
{
    public const string TensorFile = "adapter_model.safetensors", OldTensorFile = "adapter_model.bin";
    private const string PromptEmbeddings = "prompt_embeddings";

    private PeftAdapter(PeftConfig config, TuningOptions options, IReadOnlyDictionary<string, Tensor> values, PeftHead? head, OwnPart? own)
        => (Config, Options, Values, Head, Own) = (config, options, values, head, own);

    public PeftConfig Config { get; }

    public TuningOptions Options { get; }

    /// <summary>The method's tensors by our names; they belong to no dispose scope.</summary>
    public IReadOnlyDictionary<string, Tensor> Values { get; }

    public PeftHead? Head { get; }

    /// <summary>What this library put beside PEFT's tensors when it exported the adapter; null for one that PEFT saved.</summary>
    public OwnPart? Own { get; }

    /// <summary>Our own definition and trained tensors, by the method's names, in a folder that was exported.</summary>
    internal sealed record OwnPart(string Definition, IReadOnlyDictionary<string, Tensor> Values);

    /// <summary>Reads a folder for a model, and checks every tensor against it.</summary>
    /// <exception cref="SkTuningException">A setting is not implemented, a tensor is missing, unknown, or of another model; the message names it.</exception>
    public static PeftAdapter Read(string folder, Transformer model)
    {
        var config = PeftConfig.Load(folder);
        var path = Path.Combine(folder, TensorFile);
        if (!File.Exists(path) && File.Exists(Path.Combine(folder, OldTensorFile))) path = Path.Combine(folder, OldTensorFile);
        using var file = CheckpointFolder.Open(path, copy: true);
        var reader = new Reader(config, file, model);
        try { return reader.Read(); }
        catch
        {
            reader.Release();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var value in Values.Values.Concat(Own?.Values.Values ?? [])) value.Dispose();
        Head?.Dispose();
    }

    private sealed class Reader(PeftConfig config, Checkpoint file, Transformer model)
    {
        private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
        private readonly Dictionary<string, Tensor> _values = new(StringComparer.Ordinal);
        private readonly List<Tensor> _read = [];

        public PeftAdapter Read()
        {
            TuningOptions options = config.Type switch
            {
                "PREFIX_TUNING" => Prefix(),
                "PROMPT_TUNING" or "P_TUNING" => Prompt(),
                "LORA" => Lora(),
                "IA3" => Ia3(),
                _ => throw config.Bad("peft_type", "one of PREFIX_TUNING, PROMPT_TUNING, P_TUNING, LORA, IA3"),
            };
            options.Validate();
            var head = Head();
            var own = Own();
            if (file.Entries.Keys.FirstOrDefault(n => !_taken.Contains(n)) is { } unknown)
                throw SkTuningException.BadFile(file.Location, unknown, "a tensor that the method does not have", "only its own", "The adapter uses what this library does not implement, or belongs to another model.");
            return new(config, options, _values, head, own);
        }

        public void Release() => _read.ForEach(t => t.Dispose());

        /// <summary>PEFT drops it when it saves the adapter anew; where it is still there, PEFT's tensors must be those it was written with.</summary>
        private OwnPart? Own()
        {
            if (file is not SafetensorsCheckpoint { Metadata: var metadata } || !metadata.TryGetValue(PeftDigest.DefinitionKey, out var definition)) return null;
            var theirs = file.Entries.Keys.Where(n => !n.StartsWith(OwnTensors, StringComparison.Ordinal));
            if (metadata.GetValueOrDefault(PeftDigest.Key) is var written && PeftDigest.Of(theirs, file.Read) != written)
                throw SkTuningException.BadFile(file.Location, PeftDigest.Key, "not that of PEFT's tensors", "the digest of what was exported", "The tensors were changed behind the export: let PEFT save the adapter anew, and give the labels when you import it.");
            return new(definition, file.Entries.Keys.Where(n => n.StartsWith(OwnTensors, StringComparison.Ordinal)).ToDictionary(n => n[OwnTensors.Length..], n => Take(n, file.Entry(n).Shape)));
        }

        private PrefixTuningOptions Prefix()
        {
            var a = model.Config.Attention;
            var tokens = config.Whole("num_virtual_tokens");
            if (config.Whole("num_layers", model.Config.Layers) != model.Config.Layers) throw config.Bad("num_layers", $"the model's {model.Config.Layers}");
            _values[PrefixTuningMethod.Embeddings] = Take(PromptEmbeddings, tokens, 2L * model.Config.Layers * a.KeyValueHeads * a.HeadSize);
            if (config.Whole("num_attention_heads", a.KeyValueHeads) != a.KeyValueHeads) throw config.Bad("num_attention_heads", $"the model's {a.KeyValueHeads} heads of keys and values");
            return new() { Start = PrefixStart.Random, Tokens = tokens };
        }

        private PromptTuningOptions Prompt()
        {
            if (config.Whole("num_transformer_submodules", 1) != 1) throw config.Bad("num_transformer_submodules", "1");
            var tokens = config.Whole("num_virtual_tokens");
            _values[PromptTuningMethod.Embeddings] = Take(PromptEmbeddings, tokens, model.Embeddings.Size);
            return new() { Start = PromptStart.Random, Tokens = tokens };
        }

        private LoraOptions Lora()
        {
            config.RefuseUnlessEmpty("use_dora", "use_qalora", "use_bdlora", "lora_bias", "rank_pattern", "alpha_pattern", "layer_replication", "target_parameters", "trainable_token_indices", "alora_invocation_tokens", "arrow_config", "kasa_config", "monteclora_config");
            config.RefuseStart("init_lora_weights", "true", "false", "gaussian", "eva", "orthogonal");
            if (config.Text("bias") is not (null or "none")) throw config.Bad("bias", "\"none\"");
            var rank = config.Whole("r", 8);
            var found = Sites(".lora_A.weight");
            foreach (var (sites, name) in found)
            {
                Each(sites, LoraMethod.Down, Take(name + ".lora_A.weight", rank, sites[0].Inputs));
                Each(sites, LoraMethod.Up, Take(name + ".lora_B.weight", sites[0].Outputs, rank));
            }
            return new() { Targets = Targets(found.SelectMany(s => s.Sites)), Rank = rank, Alpha = config.Number("lora_alpha", 8), RankStabilized = config.Is("use_rslora"), Dropout = config.Number("lora_dropout", 0) };
        }

        private Ia3Options Ia3()
        {
            List<LinearSite> inputs = [], outputs = [];
            foreach (var (sites, name) in Sites(".ia3_l"))
            {
                var entry = file.Entry(name + ".ia3_l");
                var atInput = entry.Shape is [1, _];                                                            // feedforward_modules: [1,in], the others [out,1]
                (atInput ? inputs : outputs).AddRange(sites);
                using var scale = atInput ? Take(name + ".ia3_l", 1, sites[0].Inputs) : Take(name + ".ia3_l", sites[0].Outputs, 1);
                Each(sites, Ia3Method.Scale, Kept(scale.view(-1)));
            }
            return new() { OutputTargets = Targets(outputs), InputTargets = Targets(inputs) };
        }

        /// <summary>Layers that share a linear share what is done to it.</summary>
        private void Each(IReadOnlyList<LinearSite> sites, Func<LinearSite, string> name, Tensor value)
        {
            foreach (var (i, site) in sites.Index()) _values[name(site)] = i == 0 ? value : Kept(value);
        }

        /// <summary>The linears that tensors with an ending are of, and what stands before the ending. Layers that share their weights have several by one name.</summary>
        private List<(IReadOnlyList<LinearSite> Sites, string Name)> Sites(string ending)
        {
            var found = new List<(IReadOnlyList<LinearSite>, string)>();
            foreach (var name in file.Entries.Keys.Where(n => n.EndsWith(ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            {
                var module = name[..^ending.Length];
                var sites = model.Linears.Sites.Where(s => s.Module is not null && model.BasePrefixes.Any(p => module == BaseModel + p + s.Module)).ToList();
                if (sites.Count == 0)
                    throw SkTuningException.BadFile(file.Location, name, "of no linear that can be changed", $"a linear such as {BaseModel}{model.BasePrefixes[0]}{model.Linears.Sites.First(s => s.Module is not null).Module}", $"The adapter belongs to another model than this {model.Config.Family}.");
                found.Add((sites, module));
            }
            return found.Count > 0 ? found : throw SkTuningException.BadFile(file.Location, ending, "not the end of any tensor's name", "the tensors of " + config.Type);
        }

        /// <summary>Names that mean exactly these linears: the parts' where they are in every layer, else the checkpoint's.</summary>
        private IReadOnlyList<string> Targets(IEnumerable<LinearSite> sites)
        {
            var meant = sites.ToHashSet();
            if (meant.Count == 0) return [];
            var parts = meant.Select(s => s.PartName).Distinct().Order(StringComparer.Ordinal).ToList();
            return model.Linears.Selected(parts).ToHashSet().SetEquals(meant) ? parts : [.. meant.Select(s => s.Module!).Order(StringComparer.Ordinal)];
        }

        /// <summary>PEFT writes it once below base_model (prompt learning) or below base_model.model (LoRA, IA3).</summary>
        private PeftHead? Head()
        {
            foreach (var start in (string[])[BaseModel, "base_model."])
                foreach (var name in PeftHead.Names)
                {
                    var at = start + name;
                    if (!file.Entries.TryGetValue(at + ".weight", out var entry)) continue;
                    if (entry.Shape.Length != 2) throw SkTuningException.BadFile(file.Location, at + ".weight", entry.ShapeText, "[labels, hidden]");
                    long classes = entry.Shape[0], hidden = model.Config.StateSize;
                    var dense = start + "classifier.dense";
                    var hasDense = name == PeftHead.OutProjection;
                    return new(name, Take(at + ".weight", classes, hidden), file.Entries.ContainsKey(at + ".bias") ? Take(at + ".bias", classes) : null,
                        hasDense ? Take(dense + ".weight", hidden, hidden) : null, hasDense ? Take(dense + ".bias", hidden) : null);
                }
            return null;
        }

        private Tensor Take(string name, params long[] shape)
        {
            var entry = file.Entry(name);
            if (!entry.Shape.SequenceEqual(shape)) throw SkTuningException.BadFile(file.Location, name, entry.ShapeText, $"[{string.Join(", ", shape)}]", "The adapter belongs to another model, or its config to another adapter.");
            _taken.Add(name);
            using var stored = file.Read(name);
            if (!is_floating_point(stored)) throw SkTuningException.BadFile(file.Location, name, $"stored as {entry.StoredAs}", "a floating-point type");
            return Kept(stored);
        }

        private Tensor Kept(Tensor value)
        {
            using var off = no_grad();
            var kept = value.to_type(ScalarType.Float32).clone().DetachFromDisposeScope();
            _read.Add(kept);
            return kept;
        }
    }

    /// <summary>Before a module's name in the tensor file.</summary>
    public const string BaseModel = "base_model.model.";

    /// <summary>Before our own tensors, where they travel in the same file.</summary>
    public const string OwnTensors = "sktuning.";
}

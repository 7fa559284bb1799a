using SkTuning.Checkpoints;
using SkTuning.Methods.Ia3;
using SkTuning.Methods.Lora;
using SkTuning.Methods.PrefixTuning;
using SkTuning.Methods.PromptTuning;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Peft;

/// <summary>Reads an adapter from the tensors that PEFT saved.</summary>
/// <param name="config">PEFT's config.</param>
/// <param name="file">The tensors.</param>
/// <param name="model">The model that the adapter is for.</param>
internal sealed class PeftAdapterReader(PeftConfig config, Checkpoint file, Transformer model)
{
    private const string PromptEmbeddings = "prompt_embeddings";

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _values = new(StringComparer.Ordinal);
    private readonly List<Tensor> _owned = [];

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
        try { options.Validate(); }
        catch (SkTuningException e) { throw config.Refused(e); }
        var head = Head();
        var own = Own();
        if (file.Entries.Keys.FirstOrDefault(n => !_taken.Contains(n)) is { } unknown)
            throw SkTuningException.BadFile(file.Location, unknown, "a tensor that the method does not have", "only tensors of the method",
                "The adapter uses a feature that this library does not implement, or belongs to another model.");
        return new(config, options, _values, head, own);
    }

    /// <summary>Disposes what was read, after a failure.</summary>
    public void Release() => _owned.ForEach(t => t.Dispose());

    /// <summary>
    /// Reads SkTuning's own part. PEFT drops it when it saves the adapter again; if it exists, PEFT's tensors must be those that it was written with.
    /// </summary>
    private PeftAdapter.OwnPart? Own()
    {
        if (file is not SafetensorsCheckpoint { Metadata: var metadata } || !metadata.TryGetValue(PeftDigest.DefinitionKey, out var definition)) return null;
        var theirs = file.Entries.Keys.Where(n => !n.StartsWith(PeftAdapter.OwnTensors, StringComparison.Ordinal));
        if (metadata.GetValueOrDefault(PeftDigest.Key) is var written && PeftDigest.Of(theirs, file.Read) != written)
            throw SkTuningException.BadFile(file.Location, PeftDigest.Key, "not the digest of PEFT's tensors", "the digest of the exported tensors",
                "The tensors were changed after the export: save the adapter again with PEFT, and give the labels when you import it.");
        return new(definition, file.Entries.Keys.Where(n => n.StartsWith(PeftAdapter.OwnTensors, StringComparison.Ordinal))
            .ToDictionary(n => n[PeftAdapter.OwnTensors.Length..], n => Take(n, file.Entry(n).Shape)));
    }

    private PrefixTuningOptions Prefix()
    {
        var a = model.Config.Attention;
        var tokens = config.Whole("num_virtual_tokens");
        if (config.Whole("num_layers", model.Config.Layers) != model.Config.Layers) throw config.Bad("num_layers", $"the model's {model.Config.Layers}");
        _values[PrefixTuningMethod.Embeddings] = Take(PromptEmbeddings, tokens, 2L * model.Config.Layers * a.KeyValueHeads * a.HeadSize);
        if (config.Whole("num_attention_heads", a.KeyValueHeads) != a.KeyValueHeads)
            throw config.Bad("num_attention_heads", $"the model's {a.KeyValueHeads} key/value heads");
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
        config.RefuseUnlessEmpty("use_dora", "use_qalora", "use_bdlora", "lora_bias", "rank_pattern", "alpha_pattern", "layer_replication", "target_parameters",
            "trainable_token_indices", "alora_invocation_tokens", "arrow_config", "kasa_config", "monteclora_config");
        config.RefuseStart("init_lora_weights", "true", "false", "gaussian", "eva", "orthogonal");
        if (config.Text("bias") is not (null or "none")) throw config.Bad("bias", "\"none\"");
        var rank = config.Whole("r", 8);
        var found = Sites(".lora_A.weight");
        foreach (var (sites, name) in found)
        {
            Each(sites, LoraMethod.Down, Take(name + ".lora_A.weight", rank, sites[0].Inputs));
            Each(sites, LoraMethod.Up, Take(name + ".lora_B.weight", sites[0].Outputs, rank));
        }
        return new()
        {
            Targets = Targets(found.SelectMany(s => s.Sites)), Rank = rank, Alpha = config.Number("lora_alpha", 8),
            RankStabilized = config.Is("use_rslora"), Dropout = config.Number("lora_dropout", 0)
        };
    }

    private Ia3Options Ia3()
    {
        List<LinearSite> inputs = [], outputs = [];
        foreach (var (sites, name) in Sites(".ia3_l"))
        {
            var entry = file.Entry(name + ".ia3_l");
            // feedforward_modules: [1,in], other modules: [out,1]
            var atInput = entry.Shape is [1, _];
            (atInput ? inputs : outputs).AddRange(sites);
            using var scale = atInput ? Take(name + ".ia3_l", 1, sites[0].Inputs) : Take(name + ".ia3_l", sites[0].Outputs, 1);
            Each(sites, Ia3Method.Scale, Kept(scale.view(-1)));
        }
        return new() { OutputTargets = Targets(outputs), InputTargets = Targets(inputs) };
    }

    /// <summary>Stores a value for all layers that share a linear layer.</summary>
    private void Each(IReadOnlyList<LinearSite> sites, Func<LinearSite, string> name, Tensor value)
    {
        foreach (var (i, site) in sites.Index()) _values[name(site)] = i == 0 ? value : Kept(value);
    }

    /// <summary>
    /// Returns the linear layers that have a tensor with an ending, and the tensors' names without the ending. Layers that
    /// share their weights also share a name.
    /// </summary>
    private List<(IReadOnlyList<LinearSite> Sites, string Name)> Sites(string ending)
    {
        var found = new List<(IReadOnlyList<LinearSite>, string)>();
        foreach (var name in file.Entries.Keys.Where(n => n.EndsWith(ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var module = name[..^ending.Length];
            var sites = model.Linears.Sites.Where(s => s.Module is not null && model.BasePrefixes.Any(p => module == PeftAdapter.BaseModel + p + s.Module))
                .ToList();
            if (sites.Count == 0)
                throw SkTuningException.BadFile(file.Location, name, "not a tensor of a linear layer that can be changed",
                    $"a layer such as {PeftAdapter.BaseModel}{model.BasePrefixes[0]}{model.Linears.Sites.First(s => s.Module is not null).Module}",
                    $"The adapter belongs to another model than this {model.Config.Family}.");
            found.Add((sites, module));
        }
        return found.Count > 0 ? found
            : throw SkTuningException.BadFile(file.Location, ending, "not the ending of any tensor's name", "the tensors of " + config.Type);
    }

    /// <summary>Returns names that select exactly these linear layers: those of the parts if every layer has them, otherwise those in the checkpoint.</summary>
    private IReadOnlyList<string> Targets(IEnumerable<LinearSite> sites)
    {
        var selected = sites.ToHashSet();
        if (selected.Count == 0) return [];
        var parts = selected.Select(s => s.PartName).Distinct().Order(StringComparer.Ordinal).ToList();
        return model.Linears.Selected(parts).ToHashSet().SetEquals(selected) ? parts : [.. selected.Select(s => s.Module!).Order(StringComparer.Ordinal)];
    }

    /// <summary>Reads the head, which PEFT writes either as a part of base_model (prompt learning) or of base_model.model (LoRA, IA3).</summary>
    private PeftHead? Head()
    {
        foreach (var start in (string[])[PeftAdapter.BaseModel, "base_model."])
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
        if (!entry.Shape.SequenceEqual(shape))
            throw SkTuningException.BadFile(file.Location, name, entry.ShapeText, $"[{string.Join(", ", shape)}]",
                "The adapter belongs to another model, or its config to another adapter.");
        _taken.Add(name);
        using var stored = file.Read(name);
        if (!is_floating_point(stored)) throw SkTuningException.BadFile(file.Location, name, $"stored as {entry.StoredAs}", "a floating-point type");
        return Kept(stored);
    }

    private Tensor Kept(Tensor value)
    {
        using var off = no_grad();
        var kept = value.to_type(ScalarType.Float32).clone().DetachFromDisposeScope();
        _owned.Add(kept);
        return kept;
    }
}

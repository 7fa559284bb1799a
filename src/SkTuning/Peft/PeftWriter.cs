using System.Globalization;
using System.Text;
using System.Text.Json;
using SkTuning.Batches;
using SkTuning.Checkpoints;
using SkTuning.Methods;
using SkTuning.Methods.Ia3;
using SkTuning.Methods.Lora;
using SkTuning.Methods.PrefixTuning;
using SkTuning.Methods.PromptTuning;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Peft;

/// <summary>
/// Writes a method as a folder that PEFT can read. What the method injects determines the type: a prefix in every layer is written as PREFIX_TUNING and a
/// soft prompt as PROMPT_TUNING, whatever method produced it; the method's own trained tensors are in the same file, under names that PEFT ignores. LoRA and
/// IA3 keep their factors. Any other method is refused by name.
/// </summary>
internal sealed class PeftWriter(Transformer model, string task, PeftHead? head, string baseName)
{
    private readonly SortedDictionary<string, Action<Utf8JsonWriter>> _config = new(StringComparer.Ordinal);
    private readonly List<(string Name, Tensor Value)> _tensors = [];

    /// <summary>The adapter's own definition, which is stored with its trained tensors.</summary>
    public string? Definition { get; init; }

    public void Write(string folder, TuningOptions options, TuningMethod method, ParameterSet parameters)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var injected = method.Inject(parameters, training: false);
        Text("base_model_name_or_path", baseName);
        Text("task_type", task);
        Set("inference_mode", j => j.WriteBooleanValue(true));
        foreach (var key in (string[])["auto_mapping", "revision"]) Set(key, j => j.WriteNullValue());
        if (options is LoraOptions lora) Lora(lora, parameters);
        else if (options is Ia3Options ia3) Ia3(ia3, parameters);
        else if (method.ReadsText)
            throw new SkTuningException($"The method {options.Name} cannot be written for PEFT: its keys and values depend on the text, and those of PEFT are "
                + "the same for every text. Train prefix.");
        else if (injected is { Linears: null, Parameters: null, Memory: null, Prefix: { } prefix, PositionOffset: null } && prefix.All(p => p is not null))
            Prefix(prefix!, method, parameters);
        else if (injected is { Linears: null, Parameters: null, Memory: null, Prefix: null, InputPrompt: { } prompt })
            Prompt(prompt, method, parameters);
        else throw new SkTuningException($"The method {options.Name} cannot be written for PEFT, expected a method that produces a prefix in every layer or a "
            + "soft prompt, lora, or ia3.");
        Names("modules_to_save", head is null ? null : ["classifier", "score"]);
        foreach (var (name, value) in _tensors)
            if (Finite.Found(value) is { } found) throw new SkTuningException($"The tensor '{name}' for PEFT is {found}, expected finite numbers.");
        Directory.CreateDirectory(folder);
        FileAccessErrors.Explain(folder, () => File.WriteAllText(Path.Combine(folder, PeftConfig.FileName), Json()));
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        if (Definition is not null)
        {
            var theirs = _tensors.Where(t => !t.Name.StartsWith(PeftAdapter.OwnTensors, StringComparison.Ordinal)).ToDictionary(t => t.Name, t => t.Value);
            (metadata[PeftDigest.DefinitionKey], metadata[PeftDigest.Key]) = (Definition, PeftDigest.Of(theirs.Keys, n => theirs[n].alias()));
        }
        SafetensorsWriter.Write(Path.Combine(folder, PeftAdapter.TensorFile), [.. _tensors.OrderBy(t => t.Name, StringComparer.Ordinal)], metadata);
    }

    private void Prefix(IReadOnlyList<LayerPrefix> layers, TuningMethod method, ParameterSet parameters)
    {
        var a = model.Config.Attention;
        if (model.Config.Classifier.PeftPrefixForEveryHead && a.KeyValueHeads != a.Heads)
            throw new SkTuningException($"PEFT expects a prefix for every attention head of a {model.Config.Family} model, and the heads of this model share "
                + "their keys and values: use lora, ia3 or a soft prompt.");
        Learned("PREFIX_TUNING", layers[0].Keys.shape[2], a.KeyValueHeads, a.KeyValueHeads * a.HeadSize);
        Whole("encoder_hidden_size", a.KeyValueHeads * a.HeadSize);
        Set("prefix_projection", j => j.WriteBooleanValue(false));
        _tensors.Add(("prompt_embeddings", PrefixTuningMethod.Rows(layers)));
        if (method is not PrefixTuningMethod { Parameters: [_] }) Own(method, parameters);
    }

    private void Prompt(Tensor prompt, TuningMethod method, ParameterSet parameters)
    {
        Learned("PROMPT_TUNING", prompt.shape[1], model.Config.Attention.Heads, model.Embeddings.Size);
        Text("prompt_tuning_init", "RANDOM");
        _tensors.Add(("prompt_embeddings", prompt[0]));
        if (method is not PromptTuningMethod) Own(method, parameters);
    }

    private void Lora(LoraOptions options, ParameterSet parameters)
    {
        var sites = Whole(model.Linears.Selected(options.Targets));
        Text("peft_type", "LORA");
        Whole("r", options.Rank);
        Set("lora_alpha", j =>
        {
            if (options.Alpha == Math.Floor(options.Alpha)) j.WriteNumberValue((long)options.Alpha);
            else j.WriteNumberValue(options.Alpha);
        });
        Set("lora_dropout", j => j.WriteRawValue(options.Dropout == 0 ? "0.0" : options.Dropout.ToString("R", CultureInfo.InvariantCulture)));
        Set("use_rslora", j => j.WriteBooleanValue(options.RankStabilized));
        Text("bias", "none");
        Linears(sites);
        foreach (var shared in sites.GroupBy(s => s.Module))
        {
            _tensors.Add((Module(shared.First()) + ".lora_A.weight", One(shared, LoraMethod.Down, parameters)));
            _tensors.Add((Module(shared.First()) + ".lora_B.weight", One(shared, LoraMethod.Up, parameters)));
        }
        HeadAt(PeftAdapter.BaseModel);
    }

    private void Ia3(Ia3Options options, ParameterSet parameters)
    {
        var inputs = Whole(model.Linears.Selected(options.InputTargets));
        var outputs = Whole([.. model.Linears.Selected(options.OutputTargets).Except(inputs)]);
        Text("peft_type", "IA3");
        Linears([.. inputs, .. outputs]);
        Names("feedforward_modules", Suffixes(inputs));
        foreach (var shared in inputs.GroupBy(s => s.Module))
            _tensors.Add((Module(shared.First()) + ".ia3_l", One(shared, Ia3Method.Scale, parameters).view(1, -1)));
        foreach (var shared in outputs.GroupBy(s => s.Module))
            _tensors.Add((Module(shared.First()) + ".ia3_l", One(shared, Ia3Method.Scale, parameters).view(-1, 1)));
        HeadAt(PeftAdapter.BaseModel);
    }

    /// <summary>Returns the one value that PEFT stores for a linear layer that several layers share.</summary>
    private static Tensor One(IEnumerable<LinearSite> shared, Func<LinearSite, string> name, ParameterSet parameters)
    {
        var values = shared.Select(s => parameters.Adapter(name(s))).ToList();
        return values.All(v => v.eq(values[0]).all().item<bool>()) ? values[0]
            : throw new SkTuningException($"The adapter changes {shared.First().Module} differently in each of the {values.Count} layers that share it, "
                + "which PEFT cannot represent.");
    }

    private void Learned(string type, long tokens, int heads, int width)
    {
        Text("peft_type", type);
        Whole("num_virtual_tokens", tokens);
        Whole("num_layers", model.Config.Layers);
        Whole("num_attention_heads", heads);
        Whole("token_dim", width);
        Whole("num_transformer_submodules", 1);
        HeadAt("base_model.");
    }

    private void Linears(IReadOnlyList<LinearSite> sites)
    {
        Names("target_modules", Suffixes(sites));
        Set("fan_in_fan_out", j => j.WriteBooleanValue(model.Config.TransposedLinears));
    }

    /// <summary>Refuses parts of fused linear layers, which PEFT can change only as a whole.</summary>
    private static IReadOnlyList<LinearSite> Whole(IReadOnlyList<LinearSite> sites)
        => sites.FirstOrDefault(s => s.Module is null) is { } part
            ? throw new SkTuningException($"The adapter changes {part.PartName}, a part of a fused linear layer, which PEFT cannot represent: train with the "
                + $"whole layer ({nameof(LinearPart.QueryKeyValue)}, {nameof(LinearPart.GateUp)}).")
            : sites;

    /// <summary>Returns the shortest suffixes of names by which PEFT finds exactly these linear layers, or the full names.</summary>
    private IReadOnlyList<string> Suffixes(IReadOnlyList<LinearSite> sites)
    {
        for (var words = 1; words <= 2; words++)
        {
            var ends = sites.Select(s => string.Join('.', s.Module!.Split('.')[^words..])).Distinct().Order(StringComparer.Ordinal).ToList();
            var found = model.Linears.Sites.Where(s => s.Module is not null && ends.Any(e => s.Module.EndsWith("." + e, StringComparison.Ordinal)));
            if (found.ToHashSet().SetEquals(sites)) return ends;
        }
        return [.. sites.Select(s => s.Module!).Order(StringComparer.Ordinal)];
    }

    private string Module(LinearSite site) => PeftAdapter.BaseModel + model.BasePrefixes[0] + site.Module;

    private void HeadAt(string start)
    {
        if (head is not null) _tensors.AddRange(head.Tensors.Select(t => (start + t.Name, t.Value)));
    }

    private void Own(TuningMethod method, ParameterSet parameters)
        => _tensors.AddRange(method.Parameters.Select(p => (PeftAdapter.OwnTensors + p.Name, parameters.Adapter(p.Name))));

    private void Set(string key, Action<Utf8JsonWriter> write) => _config[key] = write;

    private void Text(string key, string value) => Set(key, j => j.WriteStringValue(value));

    private void Whole(string key, long value) => Set(key, j => j.WriteNumberValue(value));

    private void Names(string key, IReadOnlyList<string>? names) => Set(key, j =>
    {
        if (names is null) { j.WriteNullValue(); return; }
        j.WriteStartArray();
        foreach (var name in names) j.WriteStringValue(name);
        j.WriteEndArray();
    });

    private string Json()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            foreach (var (key, write) in _config)
            {
                json.WritePropertyName(key);
                write(json);
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}

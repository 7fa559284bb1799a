using System.Text.Json.Nodes;
using SkTuning.Batches;
using SkTuning.Methods;
using SkTuning.Peft;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Tests.Peft;

/// <summary>PEFT's folder, an adapter folder, and PEFT's folder again: the same bits, and the same settings, except those with PEFT's defaults.</summary>
public sealed class PeftRoundTripTests
{
    // The shape of a network that is not on disk, versions, and the order of names.
    private static readonly string[] OfNoEffect = ["peft_version", "encoder_hidden_size", "prefix_projection", "modules_to_save", "target_modules",
        "feedforward_modules"];

    public static IEnumerable<TheoryDataRow<string>> Folders()
        => Fixtures.Folders("peft", "expected.safetensors").Where(f => !f.Contains("ptuning", StringComparison.Ordinal))
            .Select(f => new TheoryDataRow<string>(f));

    [Theory, MemberData(nameof(Folders))]
    public void It_comes_back_as_it_was(string folder)
    {
        using var scope = NewDisposeScope();
        using var target = new TemporaryFolder();
        var source = Path.Combine(Fixtures.Root, "peft", folder);
        using var transformer = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", folder.Split('-')[0]), new() { Device = "cpu" },
            CPU).Transformer;
        using var adapter = PeftAdapter.Read(source, transformer);
        using var prompt = PromptEncoding.Read(transformer, [1], CPU, adapter.Options.PromptLayers);
        var method = adapter.Options.CreateMethod(transformer.Config, prompt);
        using var parameters = Parameters(method);
        foreach (var (name, value) in adapter.Values) parameters.Set(ParameterSet.AdapterPrefix + name, value);
        new PeftWriter(transformer, adapter.Config.Task!, adapter.Head, adapter.Config.Text("base_model_name_or_path")!)
            .Write(target["a"], adapter.Options, method, parameters);

        var (was, _) = Fixtures.Read(Path.Combine(source, PeftAdapter.TensorFile));
        var (became, metadata) = Fixtures.Read(Path.Combine(target["a"], PeftAdapter.TensorFile));
        Assert.Equal("pt", metadata["format"]);
        Assert.Equal(was.Keys.Order(), became.Keys.Order());
        foreach (var (name, value) in was) Fixtures.AssertSame(value, became[name], name);

        var (theirs, ours) = (Settings(source), Settings(target["a"]));
        foreach (var (key, value) in ours)
            if (!OfNoEffect.Contains(key))
                Assert.True(JsonNode.DeepEquals(theirs[key], value), $"{key}: {value?.ToJsonString()}, was {theirs[key]?.ToJsonString()}");
        foreach (var (key, value) in theirs)
            if (!ours.ContainsKey(key) && !OfNoEffect.Contains(key))
                Assert.Contains(value?.ToJsonString(), (string?[])[null, "false", "true", "{}", "[]", "16", "\"megatron.core\""]);
        foreach (var key in (string[])["modules_to_save", "feedforward_modules"])
            Assert.Equal(theirs[key]?.AsArray().Select(n => n!.ToString()).Distinct().Order().Count(), ours[key]?.AsArray().Count);
        using var again = PeftAdapter.Read(target["a"], transformer);
        foreach (var (name, value) in adapter.Values) Fixtures.AssertSame(value, again.Values[name], name);
    }

    [Fact]
    public void A_baked_sk_prefix_is_a_prefix_for_peft_with_our_own_tensors_beside_it()
    {
        using var scope = NewDisposeScope();
        using var target = new TemporaryFolder();
        using var transformer = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", "llama"), new() { Device = "cpu" }, CPU).Transformer;
        using var prompt = PromptEncoding.Read(transformer, [5, 17, 90, 3], CPU);
        var options = new SkPrefixOptions { Bottleneck = 2 };
        var method = options.CreateMethod(transformer.Config, prompt);
        using var parameters = Parameters(method);
        new PeftWriter(transformer, "SEQ_CLS", null, "llama") { Definition = "{}" }.Write(target["a"], options, method, parameters);
        using var read = PeftAdapter.Read(target["a"], transformer);
        Assert.Equal("PREFIX_TUNING", read.Config.Type);
        var again = read.Options.CreateMethod(transformer.Config, prompt);
        using var values = Parameters(again);
        foreach (var (name, value) in read.Values) values.Set(ParameterSet.AdapterPrefix + name, value);
        var (expected, actual) = (method.Inject(parameters, false).Prefix!, again.Inject(values, false).Prefix!);
        for (var l = 0; l < expected.Count; l++)
        {
            Fixtures.AssertSame(expected[l]!.Keys.detach(), actual[l]!.Keys.detach(), $"keys of layer {l}");
            Fixtures.AssertSame(expected[l]!.Values.detach(), actual[l]!.Values.detach(), $"values of layer {l}");
        }
        Assert.Contains("sktuning.0.up.weight", Fixtures.Read(Path.Combine(target["a"], PeftAdapter.TensorFile)).Tensors.Keys);
    }

    [Fact]
    public void What_peft_cannot_express_is_refused_by_name()
    {
        using var scope = NewDisposeScope();
        using var target = new TemporaryFolder();
        using var transformer = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", "gpt2"), new() { Device = "cpu" }, CPU).Transformer;
        using var prompt = PromptEncoding.Read(transformer, [1], CPU);
        foreach (var (options, named) in ((TuningOptions, string)[])[(new LoraOptions(), "query"), (TuningOptions.Create("bitfit"), "bitfit"),
            (TuningOptions.Create("probe"), "probe")])
        {
            var method = options.CreateMethod(transformer.Config, prompt);
            using var parameters = Parameters(method);
            Assert.Contains(named, Assert.ThrowsAny<SkTuningException>(
                () => new PeftWriter(transformer, "SEQ_CLS", null, "gpt2").Write(target["a"], options, method, parameters)).Message);
        }
    }

    private static ParameterSet Parameters(TuningMethod method)
        => new(method.Parameters.Select(p => p with { Name = ParameterSet.AdapterPrefix + p.Name }), 1, CPU);

    private static JsonObject Settings(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, PeftConfig.FileName)))!.AsObject();
}

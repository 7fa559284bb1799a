using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Prompts;
using SkTuning.Training;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tests.Training;

/// <summary>The presets against the authors' own code: logits, loss and gradients, and the values, loss and logits after one AdamW step.</summary>
[Trait("Category", "Parity")]
public sealed class AuthorsFixtureTests
{
    public static IEnumerable<TheoryDataRow<string>> Files()
        => Directory.Exists(Path.Combine(Fixtures.Root, "sk-authors"))
            ? Directory.GetFiles(Path.Combine(Fixtures.Root, "sk-authors"), "*.safetensors").Order(StringComparer.Ordinal)
                .Select(f => new TheoryDataRow<string>(Path.GetFileName(f)))
            : [];

    [Theory, MemberData(nameof(Files))]
    public void One_step_equals(string file)
    {
        using var scope = NewDisposeScope();
        var (expected, metadata) = Fixtures.Read(Path.Combine(Fixtures.Root, "sk-authors", file));
        var model = Path.Combine(Fixtures.Root, "models", metadata["model"]);
        using var transformer = FrozenModel.LoadTransformer(model, new() { Device = TestDevice.Name }, TestDevice.Torch).Transformer;
        var options = Options(metadata);
        int[] promptIds = [.. expected["prompt_ids"].cpu().data<long>().ToArray().Select(i => (int)i)];
        using var prompt = PromptEncoding.Read(transformer, promptIds, TestDevice.Torch, options.PromptLayers);
        var (method, head) = (options.CreateMethod(transformer.Config, prompt), new LinearHead(3, transformer.Config.Hidden, Pooling.Mean));
        using var tuned = new TunedModel(transformer, method, head, new ParameterSet(TunedModel.Specs(method, head), 1, TestDevice.Torch));
        if (options is AuthorsLlmOptions) Fixtures.AssertClose(prompt.Words, tuned.Parameters.Adapter("embedding.weight"), "our own start of the embeddings");
        foreach (var spec in tuned.Parameters.Specs) tuned.Parameters.Set(spec.Name, expected["start." + Theirs(spec.Name, expected)]);

        var batch = new TokenBatch(expected["input_ids"], expected["attention_mask"]);
        Fixtures.AssertClose(expected["logits"], tuned.Baked(batch), "logits");
        var live = tuned.Live(batch);
        Fixtures.AssertClose(expected["logits"], live, "live logits");
        var loss = F.cross_entropy(live, expected["labels"]);
        Fixtures.AssertClose(expected["loss"], loss, "loss");
        loss.backward();
        foreach (var spec in tuned.Parameters.Specs)
            Fixtures.AssertClose(expected["grad." + Theirs(spec.Name, expected)], tuned.Parameters[spec.Name].grad!, $"gradient of {spec.Name}");

        using var optimizer = new AdamW(tuned.Parameters, weightDecay: 0.01);
        optimizer.Step(1e-2, 1e-2);
        foreach (var spec in tuned.Parameters.Specs)
            Fixtures.AssertClose(expected["after." + Theirs(spec.Name, expected)], tuned.Parameters[spec.Name], $"{spec.Name} after the step");
        Fixtures.AssertClose(expected["logits_after"], tuned.Baked(batch), "logits after the step");
        Fixtures.AssertClose(expected["loss_after"], F.cross_entropy(tuned.Baked(batch), expected["labels"]), "loss after the step");
    }

    [Theory, InlineData("llama"), InlineData("bloom"), InlineData("gpt2")]
    public void Without_a_transform_prefix_and_prompt_give_the_same_text_states_and_one_copy_equals_many(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var model = Path.Combine(Fixtures.Root, "models", family);
        using var transformer = FrozenModel.LoadTransformer(model, new() { Device = TestDevice.Name }, TestDevice.Torch).Transformer;
        using var prompt = PromptEncoding.Read(transformer, [5, 17, 90, 3], TestDevice.Torch, 0);
        var ids = tensor(new long[] { 9, 10, 11, 12, 13, 14 }, [2, 3]).Here();
        var states = new Dictionary<AuthorsPlace, Tensor>();
        foreach (var place in Enum.GetValues<AuthorsPlace>())
        {
            var method = new AuthorsLlmOptions { Place = place }.CreateMethod(transformer.Config, prompt);
            using var parameters = new ParameterSet(method.Parameters.Select(p => p with { Name = ParameterSet.AdapterPrefix + p.Name }), 1, TestDevice.Torch);
            var injection = method.Inject(parameters, training: false);
            states[place] = transformer.Forward(new() { Ids = ids, Injection = injection }).Text;
            var copies = injection.Copied(t => t.expand([2, .. t.shape[1..]]).contiguous());
            Fixtures.AssertSame(states[place], transformer.Forward(new() { Ids = ids, Injection = copies }).Text, $"{place}: a copy a row");
        }
        Fixtures.AssertClose(states[AuthorsPlace.Prompt], states[AuthorsPlace.Prefix], "text states", 1e-5);
    }

    private static TuningOptions Options(IReadOnlyDictionary<string, string> metadata)
    {
        var place = metadata["variant"].Contains("prefix", StringComparison.Ordinal) ? AuthorsPlace.Prefix : AuthorsPlace.Prompt;
        var set = JsonNode.Parse(metadata["options"])!;
        return set["pooling"] is { } pooling ? new AuthorsBertOptions { Place = place, Pooling = (bool)pooling }
            : new AuthorsLlmOptions { Place = place, Transform = (bool)set["transform"]! };
    }

    private static string Theirs(string name, Dictionary<string, Tensor> expected)
        => expected.Keys.Single(k => k.StartsWith("start.", StringComparison.Ordinal) && (name.Split('.') is ["head", var part]
            ? k is "start.classifier.weight" or "start.score.weight" && part == "weight" || k is "start.classifier.bias" or "start.score.bias" && part == "bias"
            : k.EndsWith("_encoder." + name["adapter.".Length..].Replace("pool.", "W."), StringComparison.Ordinal)))["start.".Length..];
}

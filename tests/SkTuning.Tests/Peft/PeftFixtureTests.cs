using SkTuning.Batches;
using SkTuning.Checkpoints;
using SkTuning.Methods.AuthorsBert;
using SkTuning.Models;
using SkTuning.Peft;
using SkTuning.Prompts;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tests.Peft;

/// <summary>Adapters that PEFT saved, and the logits, loss and gradients that PEFT computes with them.</summary>
[Trait("Category", "Parity")]
public sealed class PeftFixtureTests
{
    public static IEnumerable<TheoryDataRow<string>> Folders()
        => Fixtures.Folders("peft", "expected.safetensors", PeftConfig.FileName).Select(f => new TheoryDataRow<string>(f));

    [Theory, MemberData(nameof(Folders))]
    public void Logits_loss_and_gradients_equal(string folder)
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(Fixtures.Root, "peft", folder);
        var (expected, metadata) = Fixtures.Read(Path.Combine(path, "expected.safetensors"));
        var basis = Path.Combine(Fixtures.Root, "models", metadata["family"]);
        using var transformer = FrozenModel.LoadTransformer(basis, new() { Device = TestDevice.Name }, TestDevice.Torch).Transformer;
        using var adapter = PeftAdapter.Read(path, transformer);
        using var prompt = PromptEncoding.Read(transformer, [1], TestDevice.Torch, adapter.Options.PromptLayers);
        var method = adapter.Options.CreateMethod(transformer.Config, prompt);
        using var parameters = new ParameterSet([.. method.Parameters.Select(p => p with { Name = ParameterSet.AdapterPrefix + p.Name }),
            .. HeadSpecs(adapter.Head)], 1, TestDevice.Torch);
        Assert.Equal(adapter.Values.Keys.Order(), method.Parameters.Select(p => p.Name).Order());
        foreach (var (name, value) in adapter.Values) parameters.Set(ParameterSet.AdapterPrefix + name, value);
        if (adapter.Head is { } head)
        {
            parameters.Set(LinearHead.Weight, head.Weight);
            if (head.Bias is not null) parameters.Set(LinearHead.Bias, head.Bias);
        }

        var batch = new TokenBatch(expected["input_ids"], expected["attention_mask"]);
        var injection = method.Inject(parameters, training: false);
        var result = transformer.Forward(new()
        {
            Ids = batch.Ids, Mask = batch.Mask, Injection = injection,
            PositionIds = AuthorsPositions.Of(batch, injection)
        });
        Tensor logits, loss;
        switch (adapter.Config.Task)
        {
            case "CAUSAL_LM":
                logits = transformer.Logits(result.Hidden);
                var labels = result.TextStart == 0 ? expected["labels"]
                    : cat([full([4, result.TextStart], -100L, dtype: ScalarType.Int64).Here(), expected["labels"]], 1);
                loss = F.cross_entropy(logits.narrow(1, 0, logits.shape[1] - 1).flatten(0, 1), labels.narrow(1, 1, labels.shape[1] - 1).flatten());
                logits = logits.narrow(1, logits.shape[1] - expected["logits"].shape[1], expected["logits"].shape[1]);
                break;
            case "TOKEN_CLS":
                logits = Score(result.Text);
                loss = F.cross_entropy(logits.flatten(0, 1), expected["labels"].flatten());
                break;
            default:
                logits = Score(Pooled(result));
                loss = F.cross_entropy(logits, expected["labels"]);
                break;
        }
        if (logits.dim() == 3) logits = logits * batch.Mask!.unsqueeze(-1);                                       // the fixture has zeros at padding
        Fixtures.AssertClose(expected["logits"], logits, "logits");
        Fixtures.AssertClose(expected["loss"], loss, "loss");
        loss.backward();
        var compared = 0;
        foreach (var (key, gradient) in expected.Where(e => e.Key.StartsWith("grad.", StringComparison.Ordinal)))
            if (Ours(key) is { } name)
            {
                Fixtures.AssertClose(gradient.reshape(parameters[name].shape), parameters[name].grad!, key);
                compared++;
            }
        // Only the output of a network is on disk: nothing but the head's gradients can be compared.
        Assert.Equal(metadata["method"] is "prefix-mlp" or "ptuning-mlp" or "ptuning-lstm" ? parameters.Specs.Count - 1 : parameters.Specs.Count, compared);

        Tensor Score(Tensor states) => F.linear(states, parameters[LinearHead.Weight], adapter.Head!.Bias is null ? null : parameters[LinearHead.Bias]);

        // transformers' classifiers: the first state of an encoder through its pooler; the last real token of a decoder, or its
        // last position with embeddings as input.
        Tensor Pooled(ForwardResult r)
        {
            if (transformer.Config.Causal) return r.TextStart > 0 ? r.Hidden.select(1, r.Hidden.shape[1] - 1) : Pooling.Last.Pool(r.Text, batch.Mask);
            using var weights = CheckpointFolder.Open(basis, copy: true);
            return F.linear(r.Hidden.select(1, 0), weights.Read("pooler.dense.weight").Here(), weights.Read("pooler.dense.bias").Here()).tanh();
        }

        string? Ours(string key)
        {
            if (key.Contains("modules_to_save", StringComparison.Ordinal))
                return key.EndsWith("bias", StringComparison.Ordinal) ? LinearHead.Bias : LinearHead.Weight;
            if (key.Contains("prompt_encoder", StringComparison.Ordinal)) return metadata["method"] is "prefix" or "prompt" ? "adapter.embeddings" : null;
            var site = transformer.Linears.Sites.Single(s => s.Module is not null && key.Contains("." + s.Module + ".", StringComparison.Ordinal)
                && (s.Place.Part != LinearPart.Down || !key.Contains("attention.output")));
            return $"adapter.{site.Place.Layer}.{site.PartName}.{(key.Contains("lora_A") ? "down" : key.Contains("lora_B") ? "up" : "scale")}";
        }
    }

    [Fact]
    public void What_is_not_implemented_or_of_another_model_is_refused_by_name()
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(Fixtures.Root, "models", "llama");
        using var transformer = FrozenModel.LoadTransformer(path, new() { Device = TestDevice.Name }, TestDevice.Torch).Transformer;
        Refused("llama-lora-seq_cls", "\"use_dora\": false", "\"use_dora\": true", "use_dora");
        Refused("llama-lora-seq_cls", "\"rank_pattern\": {}", "\"rank_pattern\": {\"a\": 1}", "rank_pattern");
        Refused("llama-lora-seq_cls", "\"r\": 4", "\"r\": 8", "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight");
        Refused("llama-lora-seq_cls", "\"LORA\"", "\"LOHA\"", "peft_type");
        Refused("llama-prefix-seq_cls", "\"num_virtual_tokens\": 5", "\"num_virtual_tokens\": 50", "prompt_embeddings");
        Refused("bert-lora-seq_cls", "", "", "base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight");
        Refused("gpt2-prefix-seq_cls", "", "", "prompt_embeddings");

        void Refused(string from, string found, string put, string key)
        {
            using var folder = new TemporaryFolder();
            foreach (var file in (string[])[PeftConfig.FileName, PeftAdapter.TensorFile])
                File.Copy(Path.Combine(Fixtures.Root, "peft", from, file), folder[file]);
            var text = File.ReadAllText(folder[PeftConfig.FileName]);
            Assert.Contains(found, text);
            if (found.Length > 0) File.WriteAllText(folder[PeftConfig.FileName], text.Replace(found, put));
            Assert.Equal(key, Assert.Throws<SkTuningFileException>(() => PeftAdapter.Read(folder.Path, transformer).Dispose()).Key);
        }
    }

    private static IEnumerable<ParameterSpec> HeadSpecs(PeftHead? head)
    {
        if (head is null) yield break;
        yield return new(LinearHead.Weight, head.Weight.shape, ParameterStarts.Zero);
        if (head.Bias is not null) yield return new(LinearHead.Bias, head.Bias.shape, ParameterStarts.Zero);
    }
}

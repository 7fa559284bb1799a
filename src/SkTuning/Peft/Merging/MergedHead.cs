using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Peft.Merging;

/// <summary>A head in a merged model under the names of transformers' …ForSequenceClassification or …ForTokenClassification, and what config.json says of it.</summary>
internal sealed class MergedHead
{
    // What a class of transformers is called behind the model's own name.
    private static readonly string[] Endings = ["ForCausalLM", "LMHeadModel", "ForMaskedLM", "ForPreTraining", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering", "Model"];

    private readonly AdapterModel _runtime;
    private readonly TaskKind _task;

    private MergedHead(AdapterModel runtime, TaskKind task) => (_runtime, _task) = (runtime, task);

    /// <summary>The head of an adapter; null where transformers has no class that computes the same.</summary>
    public static MergedHead? Of(AdapterModel runtime)
        => PeftHeads.IsExpressible(runtime.Definition) && runtime.Definition.Task.UsesPlainScores ? new(runtime, runtime.Definition.Task.Kind) : null;

    public IEnumerable<(string Name, Tensor Value)> Tensors => PeftHeads.Of(_runtime).Tensors;

    public void Describe(JsonObject config)
    {
        var labels = _runtime.Definition.Labels;
        if (config["architectures"] is JsonArray { Count: > 0 } classes && classes[0]?.ToString() is { } name && Endings.FirstOrDefault(e => name.EndsWith(e, StringComparison.Ordinal)) is { } ending)
            config["architectures"] = new JsonArray(name[..^ending.Length] + (_task.AnswersPerWord ? "ForTokenClassification" : "ForSequenceClassification"));
        config["id2label"] = new JsonObject(labels.Select((l, i) => KeyValuePair.Create($"{i}", (JsonNode?)l)));
        config["label2id"] = new JsonObject(labels.Select((l, i) => KeyValuePair.Create(l, (JsonNode?)i)));
        if (_task.ProblemType is { } problem) config["problem_type"] = problem;
        // A decoder's classifier looks for the last token that is no padding.
        if (_runtime.Model.Config.Causal && config["pad_token_id"] is null && (_runtime.Model.Tokenizer.PadId ?? _runtime.Model.Tokenizer.EosId) is { } padding) config["pad_token_id"] = padding;
    }
}

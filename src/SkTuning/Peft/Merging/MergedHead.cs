using System.Text.Json.Nodes;
using SkTuning.Adapters;
using static TorchSharp.torch;

namespace SkTuning.Peft.Merging;

/// <summary>
/// The head of a merged model: its tensors under the names of transformers' …ForSequenceClassification or
/// …ForTokenClassification, and its entries in config.json.
/// </summary>
internal sealed class MergedHead
{
    // What follows the model's own name in the names of transformers' classes.
    private static readonly string[] Endings = ["ForCausalLM", "LMHeadModel", "ForMaskedLM", "ForPreTraining", "ForSequenceClassification",
        "ForTokenClassification", "ForQuestionAnswering", "Model"];

    private readonly AdapterModel _adapter;
    private readonly TaskKind _task;

    private MergedHead(AdapterModel adapter, TaskKind task) => (_adapter, _task) = (adapter, task);

    /// <summary>Returns the head of an adapter; null if transformers has no class that computes the same.</summary>
    public static MergedHead? Of(AdapterModel adapter)
        => PeftHeads.IsExpressible(adapter.Definition) && adapter.Definition.Task.UsesPlainScores ? new(adapter, adapter.Definition.Task.Kind) : null;

    public IEnumerable<(string Name, Tensor Value)> Tensors => PeftHeads.Of(_adapter).Tensors;

    public void Describe(JsonObject config)
    {
        var labels = _adapter.Definition.Labels;
        if (config["architectures"] is JsonArray { Count: > 0 } classes && classes[0]?.ToString() is { } name
            && Endings.FirstOrDefault(e => name.EndsWith(e, StringComparison.Ordinal)) is { } ending)
            config["architectures"] = new JsonArray(name[..^ending.Length] + (_task.AnswersPerWord ? "ForTokenClassification" : "ForSequenceClassification"));
        config["id2label"] = new JsonObject(labels.Select((l, i) => KeyValuePair.Create($"{i}", (JsonNode?)l)));
        config["label2id"] = new JsonObject(labels.Select((l, i) => KeyValuePair.Create(l, (JsonNode?)i)));
        if (_task.ProblemType is { } problem) config["problem_type"] = problem;
        // A decoder's classifier looks for the last token that is not padding.
        if (_adapter.Model.Config.Causal && config["pad_token_id"] is null && (_adapter.Model.Tokenizer.PadId ?? _adapter.Model.Tokenizer.EosId) is { } padding)
            config["pad_token_id"] = padding;
    }
}

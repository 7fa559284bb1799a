using System.Text;
using System.Text.Json;
using SkTuning.Adapters;
using SkTuning.Tokenizers.Chat;

namespace SkTuning.Peft;

/// <summary>The README.md of an exported folder: what PEFT does not store, and the lines of Python that load it as it was trained.</summary>
internal static class PeftReadme
{
    public static string Of(AdapterModel runtime, AdapterDefinition d, string baseName)
    {
        var (model, tuned) = (runtime.Model, runtime.Tuned);
        var tokens = d.Task.Kind.AnswersPerWord;
        var type = tokens ? "AutoModelForTokenClassification" : "AutoModelForSequenceClassification";
        var special = model.Config.Causal ? !tuned.Method.HoldsStart : true;
        var padding = model.Tokenizer.PadId ?? model.Tokenizer.EosId;
        var text = new StringBuilder();
        text.Append($"""
            ---
            library_name: peft
            base_model: {Text(baseName)}
            tags: [sktuning, {d.Tuning.Name}]
            ---
            # {(tokens ? "Token" : "Text")} classifier, trained with SkTuning ({d.Tuning.Name})

            ```python
            import torch
            from peft import PeftModel
            from transformers import {type}, AutoTokenizer

            labels = [{string.Join(", ", d.Labels.Select(Text))}]
            tokenizer = AutoTokenizer.from_pretrained({Text(baseName)})
            base = {type}.from_pretrained({Text(baseName)}, dtype=torch.float32, num_labels={d.Labels.Length}, id2label=dict(enumerate(labels)))

            """);
        if (model.Config.Causal && !tokens && padding is not null) text.AppendLine($"base.config.pad_token_id = {padding}");
        text.AppendLine("model = PeftModel.from_pretrained(base, \".\").eval()                       # the folder of this file");
        text.AppendLine();
        text.Append($"text = {Text(tokens ? "..." : d.Template.ToString())}");
        text.AppendLine(tokens ? "" : $".replace({Text("{text}")}, \"...\"){(d.Template.HasText2 ? $".replace({Text("{text2}")}, \"...\")" : "")}");
        if (d.Truncation != Truncation.End) text.AppendLine($"# Longer texts {(d.MaxWindows is null ? "lost their middle" : "were read in windows")} where this was trained; here they lose their end.");
        text.AppendLine($"inputs = tokenizer(text, return_tensors=\"pt\", truncation=True, max_length={d.MaxTokens}{(special ? "" : ", add_special_tokens=False")})");
        text.AppendLine("with torch.no_grad():");
        text.AppendLine("    logits = model(**inputs).logits");
        text.AppendLine(d.Task.Kind.PythonPrediction(d.Task));
        text.AppendLine("```");
        text.AppendLine();
        if (!special) text.AppendLine("The prefix begins the sequence: a text is read without a beginning token of its own (`add_special_tokens=False`).").AppendLine();
        if (tuned.Bake().InputPrompt is not null && model.Config.Causal && !tokens)
            text.AppendLine("Read one text at a time, or pad on the left: given embeddings, transformers' classifier looks at the last place, padding or not.").AppendLine();
        text.AppendLine("SkTuning's own definition and trained tensors are in the same file (`sktuning.*`), where PEFT ignores them: `sktuning adapter import` gives back the very adapter.");
        return text.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>A text as a literal that is the same in JSON, YAML and Python.</summary>
    private static string Text(string value) => $"\"{JsonEncodedText.Encode(value, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}

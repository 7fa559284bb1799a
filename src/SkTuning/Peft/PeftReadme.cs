using System.Globalization;
using System.Text;
using System.Text.Json;
using SkTuning.Adapters;

namespace SkTuning.Peft;

/// <summary>Writes the README.md of an exported folder: what PEFT does not store, and the lines of Python that load the adapter.</summary>
internal static class PeftReadme
{
    /// <summary>A part of the text by which an earlier export is recognized.</summary>
    public const string Mark = ", trained with SkTuning (";

    public static string Of(AdapterModel adapter, AdapterDefinition d, string baseName)
    {
        var (model, tuned) = (adapter.Model, adapter.Tuned);
        var tokens = d.Task.Kind.AnswersPerWord;
        var type = tokens ? "AutoModelForTokenClassification" : "AutoModelForSequenceClassification";
        var special = model.Config.Causal ? !tuned.Method.HoldsStart : true;
        var padding = model.Tokenizer.PadId ?? model.Tokenizer.EosId;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            ---
            library_name: peft
            base_model: {Text(baseName)}
            tags: [sktuning, {d.Tuning.Name}]
            ---
            # {(tokens ? "Token" : "Text")} classifier{Mark}{d.Tuning.Name})

            ```python
            import torch
            from peft import PeftModel
            from transformers import {type}, AutoTokenizer

            labels = [{string.Join(", ", d.Labels.Select(Text))}]
            tokenizer = AutoTokenizer.from_pretrained({Text(baseName)})
            base = {type}.from_pretrained({Text(baseName)}, dtype=torch.float32, num_labels={d.Labels.Length}, id2label=dict(enumerate(labels)))

            """);
        if (model.Config.Causal && !tokens && padding is not null) text.AppendLine(CultureInfo.InvariantCulture, $"base.config.pad_token_id = {padding}");
        text.AppendLine("model = PeftModel.from_pretrained(base, \".\").eval()                       # the folder of this file");
        text.AppendLine();
        text.Append(CultureInfo.InvariantCulture, $"text = {Text(tokens ? "..." : d.Template.ToString())}");
        text.AppendLine(tokens ? "" : $".replace({Text("{text}")}, \"...\"){(d.Template.HasText2 ? $".replace({Text("{text2}")}, \"...\")" : "")}");
        if (d.Truncation != Truncation.End)
            text.AppendLine($"# In training, {(d.MaxWindows is null ? "the middle of a longer text was truncated" : "a longer text was read in windows")}; "
                + "here its end is truncated.");
        text.AppendLine("inputs = tokenizer(text, return_tensors=\"pt\", truncation=True, "
            + $"max_length={d.MaxTokens}{(special ? "" : ", add_special_tokens=False")})");
        text.AppendLine("with torch.no_grad():");
        text.AppendLine("    logits = model(**inputs).logits");
        text.AppendLine(d.Task.Kind.PythonPrediction(d.Task));
        text.AppendLine("```");
        text.AppendLine();
        if (!special) text.AppendLine("The prefix begins the sequence: a text is read without its own BOS token (`add_special_tokens=False`).").AppendLine();
        if (tuned.Bake().InputPrompt is not null && model.Config.Causal && !tokens)
            text.AppendLine("Read one text at a time, or pad on the left: with embeddings as input, transformers' classifier uses the last "
                + "position, even if it is padding.").AppendLine();
        text.AppendLine("SkTuning's own definition and trained tensors are in the same file (`sktuning.*`), where PEFT ignores them: `sktuning adapter "
            + "import` returns exactly the same adapter.");
        return text.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>Returns a text as a string literal that is valid in JSON, YAML and Python.</summary>
    private static string Text(string value) => $"\"{JsonEncodedText.Encode(value, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}

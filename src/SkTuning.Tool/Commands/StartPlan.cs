using System.Text.Json;

namespace SkTuning.Tool.Commands;

/// <summary>The plan that compare --init writes.</summary>
internal static class StartPlan
{
    /// <summary>The text of the file.</summary>
    public static string Text => $$"""
        {
          // Compare with: sktuning compare THIS-FILE. Every key is described in docs/comparing.md. Comments are allowed.
          // Paths are relative to this file.

          // The frozen model: a Hugging Face model folder or a .gguf file. This is the bundled demo model.
          "model": {{Quoted(ModelOptions.Embedded)}},

          // Each method is trained once per seed. With three or more, differences can be tested.
          "seeds": [1, 2, 3],

          "dataSets": [
            {
              "name": "support",

              // What to predict, in plain words. Only some methods read it.
              "prompt": "Classify the topic of the customer's message:",

              // TSV, CSV, JSONL or Parquet with the columns text and label ("textColumn" and "labelColumn" name other ones).
              "train": {{Quoted(ModelOptions.EmbeddedRows("train"))}},

              // The dev rows select the epoch and the learning rate. Without this key, a tenth of the training rows is held out.
              "dev": {{Quoted(ModelOptions.EmbeddedRows("dev"))}},

              // The test rows are predicted once, by what was selected.
              "test": {{Quoted(ModelOptions.EmbeddedRows("test"))}},

              // accuracy, macroF1, weightedF1, mcc or kappa.
              "metric": "accuracy",

              // The number of training rows per label. Omit this key to train on all rows.
              "shots": 8
            }
          ],

          "methods": [
            // The most frequent label, and TF-IDF with logistic regression: what a language model must beat.
            { "method": "majority" },
            { "method": "tfidf" },

            // The head alone, on the untouched model.
            { "method": "probe" },

            // Adapters. Without "rates", each tries three learning rates.
            { "method": "sk-prefix", "settings": { "bottleneck": 8 } },
            { "method": "lora" }
          ],

          // The method that the others are compared with.
          "reference": "lora"
        }

        """;

    private static string Quoted(string path) => $"\"{JsonEncodedText.Encode(path, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}

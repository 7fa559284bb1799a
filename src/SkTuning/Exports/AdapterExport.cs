using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Models;
using SkTuning.Tokenizers;
using SkTuning.Tokenizers.Sources;

namespace SkTuning.Exports;

/// <summary>Describes an adapter for predictions without torch, and writes what is stored beside its graph.</summary>
internal static class AdapterExport
{
    /// <summary>The files that a tokenizer is read from, beside SentencePiece models.</summary>
    private static readonly string[] TokenizerFileNames =
    [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "vocab.txt", "config.json",
    ];

    /// <summary>Returns the description of an adapter.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="precision">The precision of the weights in the graph: fp32, fp16 or int8.</param>
    /// <exception cref="SkTuningException">The task cannot be exported.</exception>
    public static ExportedAdapter Of(TunedAdapter adapter, string precision)
    {
        var (d, model) = (adapter.Definition, adapter.Adapter.Model);
        var task = d.Task.Kind.Name;
        if (!TaskNames.All.Contains(task))
            throw new SkTuningException($"The task {task} cannot be exported, expected one of {string.Join(", ", TaskNames.All)}.");
        var settings = new JsonObject();
        d.Task.Write(settings);
        return new()
        {
            Task = task,
            Labels = d.Labels,
            Settings = settings,
            Template = d.Template,
            MaxTokens = d.MaxTokens,
            Truncation = d.Truncation,
            MaxWindows = d.Truncation == Truncation.Windows ? d.MaxWindows!.Value : 1,
            Pairs = d.Pairs,
            Causal = model.Config.Causal,
            StartsText = !adapter.Adapter.Tuned.Method.HoldsStart,
            WithTypes = model.Config.Embedding.TokenTypes > 1,
            AnswersAtMask = d.Head.ReadsMask(model.Config),
            Vocabulary = model.Config.Vocabulary,
            Seed = d.Seed,
            Base = model.Fingerprint,
            Method = d.Tuning.Name,
            Prompt = d.Prompt,
            Precision = precision,
            Library = LibraryVersion.Text,
            Tensors = d.Task.Tensors,
        };
    }

    /// <summary>Writes an export: the graph, the tokenizer and the tensors of the task. An export in the folder is replaced.</summary>
    /// <param name="exported">The description, which the graph has in its metadata.</param>
    /// <param name="model">The base.</param>
    /// <param name="folder">A new folder, an empty one, or an export to replace.</param>
    /// <param name="writeGraph">Writes model.onnx, and model.onnx.data beside it where the weights are large.</param>
    /// <exception cref="SkTuningException">The folder holds other files, or cannot be written.</exception>
    public static void Write(ExportedAdapter exported, FrozenModel model, string folder, Action<string> writeGraph)
    {
        string[] parts = [ExportFolder.DataFile, ExportFolder.TensorsFile], written = [];
        var content = new FolderContent("an export", [ExportFolder.ModelFile], ExportFolder.RequireOwn)
        {
            // What belongs to an earlier export is not part of this one.
            Settle = (into, _) => Array.ForEach([.. parts.Except(written)], part => File.Delete(Path.Combine(into, part))),
        };
        AtomicFolder.Write(folder, content, staging =>
        {
            writeGraph(Path.Combine(staging, ExportFolder.ModelFile));
            WriteTokenizer(model, staging);
            if (exported.Stored.Count > 0) TensorFile.Write(Path.Combine(staging, ExportFolder.TensorsFile), exported.Stored);
            written = [.. parts.Where(part => File.Exists(Path.Combine(staging, part)))];
            ExportFolder.Seal(staging);
        });
    }

    /// <summary>Writes an adapter without the graph: its description, and its tensors.</summary>
    /// <param name="exported">The description.</param>
    /// <param name="folder">A new folder, an empty one, or an adapter to replace.</param>
    /// <exception cref="SkTuningException">The folder holds other files, or cannot be written.</exception>
    public static void Write(ExportedAdapter exported, string folder)
    {
        var content = new FolderContent("an exported adapter", [ExportFolder.DescriptionFile], existing => ExportFolder.ReadDescription(existing));
        AtomicFolder.Write(folder, content, staging =>
        {
            TensorFile.Write(Path.Combine(staging, ExportFolder.TensorsFile), exported.Stored);
            ExportFolder.WriteDescription(exported, staging);
        });
    }

    /// <summary>Writes the files of the tokenizer, and checks that they are read as the same one.</summary>
    private static void WriteTokenizer(FrozenModel model, string folder)
    {
        using (var source = ModelSource.Open(model.Path, new()))
            if (source.StoredTokenizer is { } stored) TokenizerFiles.Write(stored(), folder);
            else
                foreach (var file in Directory.GetFiles(model.Path).Where(f => IsOfTokenizer(Path.GetFileName(f))).Order(StringComparer.Ordinal))
                    File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        if (TextTokenizer.Load(folder).ForRows(model.Config.Vocabulary)?.Fingerprint == model.Fingerprint.Tokenizer) return;
        throw new SkTuningException($"{model.Path}: the tokenizer cannot be written as files without changes: use the model's safetensors folder as the base.");
    }

    private static bool IsOfTokenizer(string name) => TokenizerFileNames.Contains(name) || name.EndsWith(".model", StringComparison.Ordinal);
}

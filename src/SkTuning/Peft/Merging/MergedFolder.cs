using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Checkpoints;
using SkTuning.Heads;
using SkTuning.Models.Families;
using SkTuning.Models;
using SkTuning.Tokenizers.Sources;
using SkTuning.Tokenizers.Text;
using SkTuning.Tokenizers;

namespace SkTuning.Peft.Merging;

/// <summary>Writes a merged model in Hugging Face's layout: config.json, weights, and the files that the tokenizer is read from.</summary>
internal sealed class MergedFolder(FrozenModel model, WeightChanges changes, MergedDtype dtype)
{
    /// <summary>Ends of the names of files that belong to a model beside its weights.</summary>
    private static readonly string[] Copied = [".json", ".txt", ".model", ".jinja"];
    private static readonly string[] Licences = ["LICENSE", "LICENCE", "NOTICE", "COPYING", "USE_POLICY"];

    /// <summary>Starts of names that never stand below the base's prefix.</summary>
    private static readonly string[] OutsideBase = ["lm_head.", "cls.", "predictions.", "score.", "classifier.", "qa_outputs.", "generator_", "discriminator_"];

    /// <summary>The head, where transformers' classifiers have a place for it.</summary>
    public MergedHead? Head { get; init; }

    /// <param name="folder">An empty folder.</param>
    /// <param name="progress">Told before every tensor.</param>
    /// <param name="cancel">Looked at before every tensor.</param>
    /// <returns>The fingerprint of what was written.</returns>
    public BaseFingerprint Write(string folder, IProgress<MergeProgress>? progress, CancellationToken cancel)
    {
        using var source = ModelSource.Open(model.Path, new());
        if (WeightFingerprint.Of(source.Checkpoint, model.WeightNames) != model.Fingerprint.Weights)
            throw SkTuningException.BadFile(model.Path, null, "other weights than those that were loaded", "the files that the model was loaded from", "They were changed meanwhile: load the model again.");
        var prefix = MergedCheckpoint.Prefix(model.Transformer, model.WeightNames);
        // transformers refuses a head beside a base whose names lack their prefix.
        var missing = Head is not null && prefix.Length == 0 ? model.Transformer.BasePrefixes[0] : "";
        var weights = new MergedCheckpoint(source.Checkpoint, prefix, changes, dtype, Renamed);
        foreach (var (name, value) in Head?.Tensors ?? []) weights.Add(name, value);
        File.WriteAllText(Path.Combine(folder, "config.json"), Config(source.Config.Raw, weights.Widens));
        if (source.StoredTokenizer is { } stored) TokenizerFiles.Write(stored(), folder);
        CopyFiles(folder, besides: source.StoredTokenizer is null);
        var written = Described(folder);
        weights.Write(folder, progress, cancel);
        using var merged = CheckpointFolder.Open(folder);
        return written with { Weights = WeightFingerprint.Of(merged, model.WeightNames.Select(n => (n.Canonical, Renamed(n.Stored)))) };

        string Renamed(string name) => missing.Length == 0 || OutsideBase.Any(o => name.StartsWith(o, StringComparison.Ordinal)) ? name : missing + name;
    }

    /// <summary>The model's config. What is stored in fp32 now must not be read as something narrower.</summary>
    private string Config(string raw, bool widens)
    {
        var config = JsonNode.Parse(raw, documentOptions: new() { CommentHandling = JsonCommentHandling.Skip })!.AsObject();
        if (widens)
            foreach (var key in ((string[])["dtype", "torch_dtype"]).Where(config.ContainsKey).DefaultIfEmpty("torch_dtype")) config[key] = "float32";
        Head?.Describe(config);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = true, NewLine = "\n" })) config.WriteTo(json);
        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }

    /// <summary>The licence goes along; from a folder of Hugging Face all that is not weights, too.</summary>
    private void CopyFiles(string folder, bool besides)
    {
        foreach (var file in Directory.GetFiles(Directory.Exists(model.Path) ? model.Path : Path.GetDirectoryName(Path.GetFullPath(model.Path))!).Order(StringComparer.Ordinal))
            if (IsCopied(Path.GetFileName(file), besides)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
    }

    private static bool IsCopied(string name, bool besides)
        => Licences.Any(l => name.StartsWith(l, StringComparison.OrdinalIgnoreCase))
        || besides && Copied.Any(e => name.EndsWith(e, StringComparison.Ordinal)) && !name.StartsWith('.') && name != "config.json"
            && !name.StartsWith("adapter", StringComparison.Ordinal) && !name.EndsWith(".index.json", StringComparison.Ordinal);

    /// <summary>What config and tokenizer are in the new folder: those of the model, or the folder is refused before the weights are written.</summary>
    private BaseFingerprint Described(string folder)
    {
        var config = ConfigJson.Load(Path.Combine(folder, "config.json"));
        var written = model.Fingerprint with
        {
            Traits = Traits.Hash(ConfigCheck.Checked(ModelFamily.Of(config).Read(config), config)),
            Tokenizer = TextTokenizer.Load(folder).Fingerprint,
        };
        return model.Fingerprint.DifferenceFrom(written) is not { } difference ? written
            : throw new SkTuningException($"{model.Path}: what it says of the model cannot be written in Hugging Face's layout without a change (it would be {difference}): use the model's safetensors folder as the base.");
    }
}

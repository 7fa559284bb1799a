using System.Text;
using System.Text.Json;
using SkTuning.Checkpoints;
using SkTuning.Models;
using SkTuning.Models.Families;
using SkTuning.Tokenizers;
using SkTuning.Tokenizers.Sources;

namespace SkTuning.Peft.Merging;

/// <summary>Writes a merged model in Hugging Face's layout: config.json, weights, and the files that the tokenizer is read from.</summary>
internal sealed class MergedFolder(FrozenModel model, WeightChanges changes, MergedDtype dtype)
{
    /// <summary>The extensions of the files that belong to a model in addition to its weights.</summary>
    private static readonly string[] Copied = [".json", ".txt", ".model", ".jinja"];
    private static readonly string[] Licenses = ["LICENSE", "LICENCE", "NOTICE", "COPYING", "USE_POLICY"];

    /// <summary>The beginnings of tensor names that never have the prefix of the base model.</summary>
    private static readonly string[] OutsideBase = ["lm_head.", "cls.", "predictions.", "score.", "classifier.", "qa_outputs.", "generator_", "discriminator_"];

    /// <summary>The head, if transformers' classifiers can hold it.</summary>
    public MergedHead? Head { get; init; }

    /// <param name="folder">An empty folder.</param>
    /// <param name="progress">Receives progress before each tensor.</param>
    /// <param name="cancellationToken">Cancels before the next tensor.</param>
    /// <returns>The fingerprint of what was written.</returns>
    public BaseFingerprint Write(string folder, IProgress<MergeProgress>? progress, CancellationToken cancellationToken)
    {
        using var source = ModelSource.Open(model.Path, new());
        if (WeightFingerprint.Of(source.Checkpoint, model.WeightNames) != model.Fingerprint.Weights)
            throw SkTuningException.BadFile(model.Path, null, "a checkpoint with other weights than those that were loaded",
                "the files that the model was loaded from", "The files have changed since: load the model again.");
        var prefix = MergedCheckpoint.Prefix(model.Transformer, model.WeightNames);
        // transformers refuses a head next to a base whose names lack their prefix.
        var missing = Head is not null && prefix.Length == 0 ? model.Transformer.BasePrefixes[0] : "";
        var weights = new MergedCheckpoint(source.Checkpoint, prefix, changes, dtype, Renamed);
        foreach (var (name, value) in Head?.Tensors ?? []) weights.Add(name, value);
        File.WriteAllText(Path.Combine(folder, "config.json"), Config(source.Config, weights.Widens));
        if (source.StoredTokenizer is { } stored) TokenizerFiles.Write(stored(), folder);
        CopyFiles(folder, all: source.StoredTokenizer is null);
        var written = Describe(folder);
        weights.Write(folder, progress, cancellationToken);
        using var merged = CheckpointFolder.Open(folder);
        return written with { Weights = WeightFingerprint.Of(merged, model.WeightNames.Select(n => (n.Canonical, Renamed(n.Stored)))) };

        string Renamed(string name) => missing.Length == 0 || OutsideBase.Any(o => name.StartsWith(o, StringComparison.Ordinal)) ? name : missing + name;
    }

    /// <summary>Returns the model's config. If weights are stored in fp32 now, they must not be read in a narrower type.</summary>
    private string Config(ConfigJson source, bool widens)
    {
        var config = JsonInput.ParseObject(source.Raw, source.File, asWritten: true);
        if (widens)
            foreach (var key in ((string[])["dtype", "torch_dtype"]).Where(config.ContainsKey).DefaultIfEmpty("torch_dtype")) config[key] = "float32";
        Head?.Describe(config);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = true, NewLine = "\n" })) config.WriteTo(json);
        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }

    /// <summary>Copies the license, and from a folder in Hugging Face's layout everything except the weights.</summary>
    private void CopyFiles(string folder, bool all)
    {
        foreach (var file in Directory.GetFiles(Directory.Exists(model.Path) ? model.Path : Path.GetDirectoryName(Path.GetFullPath(model.Path))!)
            .Order(StringComparer.Ordinal))
            if (IsCopied(Path.GetFileName(file), all)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
    }

    private static bool IsCopied(string name, bool all)
        => Licenses.Any(l => name.StartsWith(l, StringComparison.OrdinalIgnoreCase))
        || all && Copied.Any(e => name.EndsWith(e, StringComparison.Ordinal)) && !name.StartsWith('.') && name != "config.json"
            && !name.StartsWith("adapter", StringComparison.Ordinal) && !name.EndsWith(".index.json", StringComparison.Ordinal);

    /// <summary>
    /// Returns the fingerprint of the config and the tokenizer in the new folder. If it differs from the model's, the folder is
    /// refused before the weights are written.
    /// </summary>
    private BaseFingerprint Describe(string folder)
    {
        var config = ConfigJson.Load(Path.Combine(folder, "config.json"));
        var written = model.Fingerprint with
        {
            Traits = Traits.Hash(ConfigCheck.Checked(ModelFamily.Of(config).Read(config), config)),
            Tokenizer = TextTokenizer.Load(folder).Fingerprint,
        };
        return model.Fingerprint.DifferenceFrom(written) is not { } difference ? written
            : throw new SkTuningException($"{model.Path}: this model cannot be written in Hugging Face's layout without changes (the result would be "
                + $"{difference}): use the model's safetensors folder as the base.");
    }
}

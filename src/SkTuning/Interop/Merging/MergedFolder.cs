using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Checkpoints;
using SkTuning.Models;
using SkTuning.Models.Families;
using SkTuning.Tokenizers;

namespace SkTuning.Interop.Merging;

/// <summary>Writes a merged model in Hugging Face's layout: config.json, weights, and the files that the tokenizer is read from.</summary>
internal sealed class MergedFolder(FrozenModel model, WeightChanges changes, MergedDtype dtype)
{
    /// <summary>Ends of the names of files that belong to a model beside its weights.</summary>
    private static readonly string[] Copied = [".json", ".txt", ".model", ".jinja"];
    private static readonly string[] Licences = ["LICENSE", "LICENCE", "NOTICE", "COPYING", "USE_POLICY"];

    /// <summary>Tensors that come with the head, by their full names, and what config.json says of it.</summary>
    public IReadOnlyList<(string Name, TorchSharp.torch.Tensor Value)> Head { get; init; } = [];

    public Action<JsonObject>? EditConfig { get; init; }

    /// <param name="folder">An empty folder.</param>
    /// <param name="progress">Told before every tensor.</param>
    /// <param name="cancel">Looked at before every tensor.</param>
    /// <returns>The fingerprint of what was written.</returns>
    public BaseFingerprint Write(string folder, IProgress<MergeProgress>? progress, CancellationToken cancel)
    {
        using var source = ModelSource.Open(model.Path, new());
        if (WeightFingerprint.Of(source.Checkpoint, model.WeightNames) != model.Fingerprint.Weights)
            throw SkTuningException.BadFile(model.Path, null, "other weights than those that were loaded", "the files that the model was loaded from", "They were changed meanwhile: load the model again.");
        var weights = new MergedCheckpoint(source.Checkpoint, MergedCheckpoint.Prefix(model.Transformer, model.WeightNames), changes, dtype);
        foreach (var (name, value) in Head) weights.Add(name, value);
        File.WriteAllText(Path.Combine(folder, "config.json"), Config(source.Config.Raw, weights.Widens));
        if (Directory.Exists(model.Path) && !CheckpointFolder.IsGguf(model.Path)) CopyFiles(folder);
        else throw new NotImplementedException();
        weights.Write(folder, progress, cancel);
        return Fingerprint(folder);
    }

    /// <summary>The model's config. What is stored in fp32 now must not be read as something narrower.</summary>
    private string Config(string raw, bool widens)
    {
        var config = JsonNode.Parse(raw, documentOptions: new() { CommentHandling = JsonCommentHandling.Skip })!.AsObject();
        if (widens)
            foreach (var key in ((string[])["dtype", "torch_dtype"]).Where(config.ContainsKey).DefaultIfEmpty("torch_dtype")) config[key] = "float32";
        EditConfig?.Invoke(config);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = true, NewLine = "\n" })) config.WriteTo(json);
        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }

    private void CopyFiles(string folder)
    {
        foreach (var file in Directory.GetFiles(model.Path).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(file);
            if (name == "config.json" || name.StartsWith('.') || name.StartsWith("adapter_", StringComparison.Ordinal) || name.EndsWith(".index.json", StringComparison.Ordinal)) continue;
            if (Copied.Any(e => name.EndsWith(e, StringComparison.Ordinal)) || Licences.Any(l => name.StartsWith(l, StringComparison.OrdinalIgnoreCase))) File.Copy(file, Path.Combine(folder, name));
        }
    }

    private BaseFingerprint Fingerprint(string folder)
    {
        var config = ConfigJson.Load(Path.Combine(folder, "config.json"));
        using var written = CheckpointFolder.Open(folder);
        var was = model.Fingerprint;
        return new(was.Family, Traits.Hash(ConfigCheck.Checked(ModelFamily.Of(config).Read(config), config)), WeightFingerprint.Of(written, model.WeightNames), TextTokenizer.Load(folder).Fingerprint);
    }
}

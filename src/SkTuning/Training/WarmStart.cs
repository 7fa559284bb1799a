using System.Security.Cryptography;
using System.Text.Json;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Checkpoints;
using SkTuning.Heads;
using SkTuning.Methods;
using SkTuning.Prompts;
using SkTuning.Tasks;
using SkTuning.Tokenizers.Chat;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// Training that goes on from an adapter: on other rows, or with labels it did not know. What belongs to the adapter is the adapter's; the labels it has keep their places, new ones
/// stand behind them, and of the trained tensors what was there is there bit for bit.
/// </summary>
internal static class WarmStart
{
    /// <summary>The definition of the adapter that goes on.</summary>
    /// <param name="folder">The adapter to start from.</param>
    /// <param name="model">The base.</param>
    /// <param name="options">What of them is neither the default nor the adapter's is refused.</param>
    /// <param name="labels">Those of the rows.</param>
    /// <param name="pairs">The rows are pairs.</param>
    public static AdapterDefinition Define(string folder, FrozenModel model, TextClassifierOptions options, IEnumerable<string> labels, bool pairs)
    {
        options.Training.Validate();
        var before = AdapterRuntime.ReadFor(folder, model, SingleLabelObjective.Name);
        Same(nameof(options.Prompt), options.Prompt, "", before.Prompt);
        Same(nameof(options.Template), options.Template, RowTemplate.Plain, before.Template);
        Same(nameof(options.Method), Written(options.Method), Written(Defaults.Method), Written(before.Tuning));
        Same(nameof(options.Pooling), options.Pooling.ToString(), Defaults.Pooling.ToString(), before.Pooling);
        Same(nameof(options.Head), options.Head?.Name(), null, before.Head);
        Same(nameof(options.LabelDescriptions), Written(options.LabelDescriptions), null, Written(before.LabelDescriptions?.Zip(before.Labels, (said, label) => KeyValuePair.Create(label, said))));
        Same(nameof(options.MaxTokens), options.MaxTokens, null, before.MaxTokens);
        Same(nameof(options.Truncation), options.Truncation.ToString(), Defaults.Truncation.ToString(), before.Truncation ?? nameof(Truncation.End));
        Same(nameof(options.MaxWindows), options.MaxWindows, Defaults.MaxWindows, before.MaxWindows);
        if (pairs != (before.Pairs == true)) throw new SkTuningException($"{folder}: the adapter reads {(pairs ? "single texts, the rows are pairs" : "pairs, the rows are single texts")}, expected rows of its kind.");
        string[] added = [.. labels.Except(before.Labels, StringComparer.Ordinal)];
        return before with
        {
            Labels = [.. before.Labels, .. added],
            LabelWords = before.LabelWords is { } words ? [.. words, .. added.Select(l => options.LabelWords?.GetValueOrDefault(l) ?? l)] : null,
            // The model goes on reading the prompt that the adapter was trained with: new labels do not change it.
            Prompt = added.Length == 0 ? before.Prompt : PromptText.Whole(before.Prompt, before.Labels, before.LabelDescriptions),
            LabelDescriptions = added.Length == 0 ? before.LabelDescriptions : null,
            Precision = model.Describe().Precision.ToString(),
            Temperature = null,
            SureFrom = null,
            Metric = null,
            DevScore = null,
            DevAccuracy = null,
        };

        void Same<T>(string name, T said, T standard, T of)
        {
            if (!Equals(said, standard) && !Equals(said, of))
                throw new SkTuningException($"TextClassifierOptions.{name} is {said}, but the adapter in {folder} has {of}: expected the same, or nothing, for what belongs to an adapter stays when training goes on from it.");
        }
    }

    private static readonly TextClassifierOptions Defaults = new();

    private static string? Written(IEnumerable<KeyValuePair<string, string>>? descriptions) => descriptions is null ? null : string.Join(' ', descriptions.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => $"{d.Key}: {d.Value}"));

    private static string Written(TuningOptions method) => JsonSerializer.Serialize(method, TuningJson.Default.TuningOptions);

    /// <summary>The trained tensors of the adapter, as far as they go: a head with more outputs than the adapter's keeps its own start for those.</summary>
    public static void Fill(string folder, ParameterSet parameters)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var tensors = new SafetensorsCheckpoint(Path.Combine(folder, AdapterFolder.TensorFile), copy: true);
        foreach (var spec in parameters.Specs)
        {
            var entry = tensors.Entry(spec.Name);
            using var value = tensors.Read(spec.Name);
            if (entry.StoredAs == "F32" && entry.Shape.SequenceEqual(spec.Shape)) parameters.Set(spec.Name, value);
            else if (entry.StoredAs == "F32" && spec.Name.StartsWith("head.", StringComparison.Ordinal) && entry.Shape.Length == spec.Shape.Length && entry.Shape[0] < spec.Shape[0] && entry.Shape.Skip(1).SequenceEqual(spec.Shape.Skip(1)))
                parameters.Set(spec.Name, cat([value.to(parameters.Values.device), parameters[spec.Name].detach().narrow(0, entry.Shape[0], spec.Shape[0] - entry.Shape[0])], 0));
            else throw SkTuningException.BadFile(tensors.Location, spec.Name, $"{entry.StoredAs} {entry.ShapeText}", $"F32 [{string.Join(", ", spec.Shape)}], or fewer rows of a head", "The file belongs to another adapter.");
        }
    }

    /// <summary>What a run says of the adapter that it starts from, so that it resumes with no other.</summary>
    public static string Hash(string folder)
    {
        var file = Path.Combine(folder, AdapterFolder.TensorFile);
        return FileAccessErrors.Explain(file, () =>
        {
            using var stream = File.OpenRead(file);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        });
    }
}

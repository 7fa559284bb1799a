using System.Text.Json;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Methods;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// Continues training from an adapter, on other rows or with new labels. What belongs to the adapter is kept: its labels keep their positions and new ones
/// follow them, and the existing trained tensors are the start, bit for bit.
/// </summary>
internal static class WarmStart
{
    /// <summary>Creates the definition of an adapter that continues from another one.</summary>
    /// <param name="stored">The adapter to start from.</param>
    /// <param name="model">The base.</param>
    /// <param name="kind">The task.</param>
    /// <param name="options">The user's options. Values other than the default and the adapter's are refused.</param>
    /// <param name="defaults">The default options.</param>
    /// <param name="labels">The labels of the rows.</param>
    /// <param name="pairs">The rows are pairs.</param>
    public static AdapterDefinition Define(StoredAdapter stored, FrozenModel model, TaskKind kind, AdapterOptions options, AdapterOptions defaults,
        IEnumerable<string> labels, bool pairs)
    {
        options.Training.Validate();
        var folder = stored.Folder;
        OptionCheck.That(options.GetType().Name, nameof(options.Prune), "given", options.Prune is null,
            "null with StartFrom: the units of the adapter are kept, and training continues with them");
        var before = stored.DefinitionFor(model, kind);
        Same(nameof(options.Prompt), options.Prompt, "", before.Prompt);
        Same(nameof(options.Template), options.Template, RowTemplate.Plain, before.Template.ToString());
        if (options.Method is not AutoOptions) Same(nameof(options.Method), Format(options.Method), Format(defaults.Method), Format(before.Tuning));
        Same(nameof(options.Pooling), options.Pooling, defaults.Pooling, before.Pooling);
        Same(nameof(options.Head), options.Head, null, before.Head);
        var given = options.LabelDescriptions;
        var descriptions = before.LabelDescriptions?.Zip(before.Labels, (texts, label) => KeyValuePair.Create(label, (IReadOnlyList<string>)texts));
        var named = before.Head.ReadsDescriptions ? before.Labels.Where(l => given?.ContainsKey(l) == true) : null;
        Same(nameof(options.LabelDescriptions), Format(Of(given, named)), null, Format(Of(descriptions, named)));
        Same(nameof(options.MaxTokens), options.MaxTokens, null, before.MaxTokens);
        Same(nameof(options.Truncation), options.Truncation, defaults.Truncation, before.Truncation);
        Same(nameof(options.MaxWindows), options.MaxWindows, defaults.MaxWindows, before.MaxWindows);
        if (pairs != before.Pairs)
        {
            var mismatch = pairs ? "single texts, but the rows are pairs" : "pairs, but the rows are single texts";
            throw new SkTuningException($"{folder}: the adapter reads {mismatch}: use rows of the same kind.");
        }
        string[] added = [.. labels.Except(before.Labels, StringComparer.Ordinal)];
        if (kind.HasLevels && added is [var level, ..])
        {
            throw new SkTuningException($"{folder}: the adapter has the levels {string.Join(", ", before.Labels)}, lowest first, but a row has '{level}': "
                + "levels cannot be added. Correct the row, or train another adapter.");
        }
        return before with
        {
            Labels = [.. before.Labels, .. added],
            LabelWords = before.LabelWords is { } words ? [.. words, .. added.Select(l => options.LabelWords?.GetValueOrDefault(l) ?? l)] : null,
            // The model keeps reading the prompt that the adapter was trained with: new labels do not change it.
            Prompt = added.Length == 0 ? before.Prompt
                : PromptText.Literal(PromptText.Whole(before.Prompt, before.Labels, before.Head.ReadsDescriptions ? null : before.LabelDescriptions)),
            LabelDescriptions = added.Length == 0 ? before.LabelDescriptions
                : before.Head.ReadsDescriptions ? [.. before.LabelDescriptions!, .. added.Select(Described)]
                : null,
            Precision = model.Describe().Precision.ToString(),
            Task = before.Task.Undecided,
            Metric = null,
            DevScore = null,
        };

        string[] Described(string label) => given?.GetValueOrDefault(label)?.ToArray() ?? [AdapterPlan.NameOf(label)];

        void Same<T>(string name, T given, T byDefault, T kept)
        {
            if (Equals(given, byDefault) || Equals(given, kept)) return;
            throw new SkTuningException($"{options.GetType().Name}.{name} is {given}, but the adapter in {folder} has {kept}: use the same value or omit it. "
                + "An adapter keeps its settings when training continues from it.");
        }
    }

    /// <summary>Returns the descriptions of some labels, or all of them; null if there are none.</summary>
    private static IEnumerable<KeyValuePair<string, IReadOnlyList<string>>>? Of(IEnumerable<KeyValuePair<string, IReadOnlyList<string>>>? all,
        IEnumerable<string>? labels)
        => labels is null ? all : all?.Where(d => labels.Contains(d.Key)) is { } some && some.Any() ? some : null;

    private static string? Format(IEnumerable<KeyValuePair<string, IReadOnlyList<string>>>? descriptions)
        => descriptions is null ? null
            : string.Join(' ', descriptions.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => $"{d.Key}: {string.Join("; ", d.Value)}"));

    private static string Format(TuningOptions method) => JsonSerializer.Serialize(method, TuningJson.Default.TuningOptions);

    /// <summary>
    /// True if the adapter is a head alone that is fitted exactly: training on rows is the same as from scratch, with the adapter's settings.
    /// </summary>
    public static bool IsHeadAlone(StoredAdapter stored) => stored.File is { Tuning: ProbeOptions, Head: var head } && head == new SemanticHeadOptions().Name;

    /// <summary>
    /// Fills parameters with the adapter's trained tensors. If the head has more outputs than the adapter's, the new outputs keep their start values.
    /// </summary>
    public static void Fill(StoredAdapter stored, ParameterSet parameters)
    {
        var tensors = stored.Tensors;
        using var scope = NewDisposeScope();
        using var off = no_grad();
        foreach (var spec in parameters.Specs)
        {
            var entry = tensors.Entry(spec.Name);
            using var value = tensors.Read(spec.Name);
            var isFloat = entry.StoredAs == "F32";
            Finite.Stored(value, spec.Name, tensors.Location);
            if (isFloat && entry.Shape.SequenceEqual(spec.Shape)) parameters.Set(spec.Name, value);
            else if (isFloat && spec.Group != ParameterGroup.Adapter && HasFewerOutputs(entry.Shape, spec.Shape))
            {
                var added = parameters[spec.Name].detach().narrow(0, entry.Shape[0], spec.Shape[0] - entry.Shape[0]);
                parameters.Set(spec.Name, cat([value.to(parameters.Values.device), added], 0));
            }
            else
            {
                var (found, expected) = ($"{entry.StoredAs} {entry.ShapeText}", $"F32 [{string.Join(", ", spec.Shape)}], or fewer rows of a head");
                throw SkTuningException.BadFile(tensors.Location, spec.Name, found, expected, "The file belongs to another adapter.");
            }
        }
        tensors.RequireIntact();
    }

    private static bool HasFewerOutputs(long[] stored, long[] expected)
        => stored.Length == expected.Length && stored[0] < expected[0] && stored.Skip(1).SequenceEqual(expected.Skip(1));

    /// <summary>Returns the hash of the adapter that a run starts from, so that the run is not resumed with another one.</summary>
    public static string Hash(StoredAdapter stored) => stored.Tensors.Hash();
}

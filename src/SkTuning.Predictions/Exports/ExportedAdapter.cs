using System.Text.Json.Nodes;
using SkTuning.Prompts;
using SkTuning.Tasks;

namespace SkTuning.Exports;

/// <summary>
/// Everything that predictions of an exported adapter need beside the graph and the tokenizer: the task, its labels and decisions, and how texts become tokens.
/// It is the JSON value of the key <see cref="MetadataKey"/> in the metadata of model.onnx, format version 1.
/// </summary>
internal sealed record ExportedAdapter
{
    /// <summary>The keys of the metadata of model.onnx.</summary>
    public const string FormatKey = "sktuning.format", MetadataKey = "sktuning.adapter";

    /// <summary>The version of the format.</summary>
    public const string Version = "1";

    /// <summary>The precisions of weights.</summary>
    public static IReadOnlyList<string> Precisions { get; } = ["fp32", "fp16", "int8"];

    private static readonly (string Key, Func<ExportedAdapter, bool> Of)[] Flags =
    [
        ("pairs", a => a.Pairs), ("causal", a => a.Causal), ("startsText", a => a.StartsText), ("withTypes", a => a.WithTypes),
        ("answersAtMask", a => a.AnswersAtMask),
    ];

    /// <summary>The name of the task.</summary>
    public required string Task { get; init; }

    /// <summary>The labels, in the order of the scores.</summary>
    public required string[] Labels { get; init; }

    /// <summary>What is stored for the task alone, such as thresholds, in the form of adapter.json.</summary>
    public required JsonObject Settings { get; init; }

    /// <summary>The text around each row.</summary>
    public required RowTemplate Template { get; init; }

    /// <summary>The maximum number of tokens of a text.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>How longer texts are handled.</summary>
    public required Truncation Truncation { get; init; }

    /// <summary>The maximum number of windows of a text; 1 if it is not read in windows.</summary>
    public int MaxWindows { get; init; } = 1;

    /// <summary>Rows are pairs of texts.</summary>
    public bool Pairs { get; init; }

    /// <summary>The base is a causal model.</summary>
    public bool Causal { get; init; }

    /// <summary>The text starts the sequence, with its own BOS.</summary>
    public bool StartsText { get; init; }

    /// <summary>The base distinguishes the texts of a pair by token types.</summary>
    public bool WithTypes { get; init; }

    /// <summary>Each row has one answer, at the template's mask.</summary>
    public bool AnswersAtMask { get; init; }

    /// <summary>The number of rows of the base's word embeddings, which limits the tokens.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>The seed of the adapter, which prediction sets depend on.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The base that the adapter was trained on. The tokenizer beside the model must have its fingerprint.</summary>
    public required BaseFingerprint Base { get; init; }

    /// <summary>The name of the tuning method.</summary>
    public required string Method { get; init; }

    /// <summary>The task's description.</summary>
    public required string Prompt { get; init; }

    /// <summary>The precision of the weights in the graph.</summary>
    public required string Precision { get; init; }

    /// <summary>The version of the library that wrote the export.</summary>
    public required string Library { get; init; }

    /// <summary>The tensors of the task, which are stored in a separate file.</summary>
    public IReadOnlyList<TaskTensor> Tensors { get; init; } = [];

    /// <summary>The tensors of the adapter that are inputs of the graph; they are in the same file.</summary>
    public IReadOnlyList<TaskTensor> Inputs { get; init; } = [];

    /// <summary>Returns this description with the tensors of a file.</summary>
    public ExportedAdapter With(IReadOnlyList<TaskTensor> stored)
    {
        var isOfTask = stored.ToLookup(t => t.Name.StartsWith(TaskTensor.Prefix, StringComparison.Ordinal));
        return this with { Tensors = [.. isOfTask[true]], Inputs = [.. isOfTask[false]] };
    }

    /// <summary>The tensors to store: those of the task, and those of the graph's inputs.</summary>
    public IReadOnlyList<TaskTensor> Stored => [.. Tensors, .. Inputs];

    /// <summary>True if the graph has an input for the positions of answers.</summary>
    public bool ReadsPositions => AnswersAtMask || Task == TaskNames.Tokens;

    /// <summary>True if predictions need the features of rows, which are then an output of the graph.</summary>
    public bool ReadsFeatures => Tensors.Count > 0;

    /// <summary>The metadata of model.onnx.</summary>
    public IReadOnlyList<(string Key, string Value)> Metadata => [(FormatKey, Version), (MetadataKey, ToJson())];

    /// <summary>Returns the text of the metadata.</summary>
    public string ToJson()
    {
        var json = new JsonObject
        {
            ["version"] = int.Parse(Version, System.Globalization.CultureInfo.InvariantCulture),
            ["library"] = Library,
            ["task"] = Task,
            ["labels"] = new JsonArray([.. Labels.Select(l => (JsonNode)l)]),
            ["settings"] = Settings.DeepClone(),
            ["template"] = Template.ToString(),
            ["maxTokens"] = MaxTokens,
            ["truncation"] = Truncation.ToString(),
            ["maxWindows"] = MaxWindows,
        };
        foreach (var (key, of) in Flags) json[key] = of(this);
        json["vocabulary"] = Vocabulary;
        json["seed"] = Seed;
        json["base"] = new JsonObject
        {
            ["family"] = Base.Family, ["traits"] = Base.Traits, ["weights"] = Base.Weights, ["tokenizer"] = Base.Tokenizer,
        };
        json["method"] = Method;
        json["prompt"] = Prompt;
        json["precision"] = Precision;
        return json.ToJsonString();
    }

    /// <summary>Reads the text of the metadata, without the tensors of the task.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Where it was read from, for messages.</param>
    /// <exception cref="SkTuningFileException">A key is missing, unknown, or its value cannot be used; the message names it.</exception>
    public static ExportedAdapter Parse(string text, string file)
    {
        var json = JsonInput.ParseObject(text, file);
        var keys = new JsonKeys(json, file);
        if (keys.Whole("version", 0) is var version && version != 1)
            throw SkTuningException.BadFile(file, "version", $"{version}", Version, "Use the SkTuning version that wrote it, or a newer one.");
        var truncation = Enum.Parse<Truncation>(keys.OneOf("truncation", Enum.GetNames<Truncation>()));
        var origin = keys.Object("base");
        var source = new JsonKeys(origin, file, "base.");
        var read = new ExportedAdapter
        {
            Library = keys.Text("library"),
            Task = keys.OneOf("task", TaskNames.All),
            Labels = keys.Texts("labels"),
            Settings = keys.Object("settings"),
            Template = Parsed(keys.Text("template"), file),
            MaxTokens = keys.Whole("maxTokens", 1),
            Truncation = truncation,
            MaxWindows = truncation == Truncation.Windows ? keys.Whole("maxWindows", 2, 1000) : keys.Whole("maxWindows", 1, 1),
            Pairs = keys.Flag("pairs"),
            Causal = keys.Flag("causal"),
            StartsText = keys.Flag("startsText"),
            WithTypes = keys.Flag("withTypes"),
            AnswersAtMask = keys.Flag("answersAtMask"),
            Vocabulary = keys.Whole("vocabulary", 1),
            Seed = keys.Seed("seed"),
            Base = new(source.Text("family"), source.Text("traits"), source.Text("weights"), source.Text("tokenizer")),
            Method = keys.Text("method"),
            Prompt = keys.Text("prompt", mayBeEmpty: true),
            Precision = keys.OneOf("precision", Precisions),
        };
        source.RequireNoOthers();
        keys.RequireNoOthers();
        read.CheckLabels(file);
        if (read.Task == TaskNames.Tokens && read.Template.ToString() != RowTemplate.Plain)
            throw SkTuningException.BadFile(file, "template", $"\"{read.Template}\"", $"\"{RowTemplate.Plain}\" for the task {read.Task}");
        if (read.AnswersAtMask && !read.Template.HasMask)
            throw SkTuningException.BadFile(file, "template", $"\"{read.Template}\"", "a template with {mask}, where answersAtMask is true");
        return read;
    }

    private void CheckLabels(string file)
    {
        var isOne = Task == TaskNames.Regression;
        var least = Task is TaskNames.SingleLabel or TaskNames.Ordinal ? 2 : 1;
        if (Labels.Length >= least && (!isOne || Labels.Length == 1) && Labels.Distinct(StringComparer.Ordinal).Count() == Labels.Length
            && !Labels.Any(string.IsNullOrWhiteSpace)) return;
        throw SkTuningException.BadFile(file, "labels", $"[{string.Join(", ", Labels)}]",
            isOne ? "the name of the number" : $"{least} or more different labels with a visible character");
    }

    private static RowTemplate Parsed(string template, string file)
    {
        try { return RowTemplate.Parse(template); }
        catch (SkTuningException e) { throw SkTuningException.BadFile(file, "template", $"\"{template}\"", "a row template", e.Message, e); }
    }
}

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SkTuning.Adapters;

namespace SkTuning.Tool.Commands;

/// <summary>The options of a training run.</summary>
internal sealed class TrainingArguments
{
    private const string Auto = "auto";

    private readonly Option<string> _prompt = new("--prompt")
    {
        Description = "A description of the task in plain words: \"Classify the topic of the customer's message:\". {labels} is replaced with the labels. " +
            "Only some methods use a prompt, such as sk-prefix, and they need one; auto, lora and bitfit use none.",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<int?> _searchPrompt = new("--search-prompt")
    {
        Description = "Try this number of other prompts before training: phrases of the prompt are left out and moved, and others are added. Another prompt "
            + "is used only if it is better than the written one by more than chance explains. It needs a method that reads the prompt, such as sk-prefix; "
            + "with zero-shot, training rows before the text and words of the labels are tried, too.",
    };

    private readonly Option<int?> _searchLabels = new("--search-labels")
    {
        Description = "Try this number of other sets of texts of the labels before training: texts of --describe are left out, and names of labels and texts "
            + "of training rows are added. Other texts are used only if they are better than the written ones by more than chance explains. It needs the head "
            + "semantic.",
    };

    private readonly Option<string?> _preset = new("--preset")
    {
        Description = "A complete recipe: its method, head, objective and training settings, which other options override. "
            + string.Join(" ", Preset.All.Select(p => $"{p.Name}: {p.Summary}")),
    };

    private readonly Option<string> _template = new("--template")
    {
        Description = "The row template, with the placeholders {text}, {text2} (the second text of a pair) and {mask} (the mask token of an encoder).",
        DefaultValueFactory = _ => "{text}",
    };

    private readonly Option<string> _method = new("--method")
    {
        Description = $"The tuning method: {string.Join(", ", TuningOptions.Names)}. Methods can be joined: sk-prefix+lora. With auto, the number of " +
            "rows, the task and the model decide; the choice and its reason are printed.",
        DefaultValueFactory = _ => Auto,
    };

    private readonly Option<int?> _bottleneck = new("--bottleneck")
    {
        Description = "sk-prefix, sk-prompt, sk-memory, and ipt with form=encoder: the number of hidden units of the adapter.",
    };

    private readonly Option<string[]> _settings = new("--set")
    {
        Description = "An option of the method, named as in adapter.json: --set dropout=0.1. For joined methods: --set lora.rank=4. " +
            "Can be specified more than once.",
    };

    private readonly Option<Pooling> _pooling = new("--pooling")
    {
        Description = "Which states of a text the head receives.",
        DefaultValueFactory = _ => Pooling.Mean,
    };

    private readonly Option<string?> _head = new("--head")
    {
        Description = "The head. semantic: a linear layer that starts from the texts of the labels (--describe) and is fitted exactly. " +
            "ordinal: one score and cut points between ordered levels (task ordinal), fitted exactly from the texts of the lowest and the highest level. " +
            "linear: a linear layer over the pooled states, fitted in steps. " +
            "label-words: initialized to the language model's scores of one word per label. likelihood: the same for words of several tokens. Both "
                + "need the task single-label or ordinal. " +
            "label-texts: the label whose texts (--describe) are nearest; labels can be added later without training. " +
            "hf: the classifier of the Hugging Face model classes, which can be exported to PEFT. " +
            "The default is semantic; for the task ordinal it is ordinal; for tagged words it is linear; for zero-shot, it is likelihood, or label-words for "
                + "encoders.",
    };

    private readonly LabelArguments _labels = new();

    private readonly Option<string> _objective = new("--objective")
    {
        Description = "What training minimizes. cross-entropy: the loss of the task. contrastive and cosine-pairs: texts of the same label become similar. " +
            "label-anchors: texts become similar to the texts of their label (--describe).",
        DefaultValueFactory = _ => new CrossEntropyObjectiveOptions().Name,
    };

    private readonly Option<double?> _objectiveWeight = new("--objective-weight")
    {
        Description = "The weight of the objective beside the cross-entropy. By default, the objective replaces it.",
    };

    private readonly Option<string?> _start = new("--start-from")
    {
        Description = "The folder of an adapter to continue training from. New labels are added. " +
            "The method, prompt and head of the adapter are kept.",
    };

    private readonly Option<string?> _texts = new("--distill-texts")
    {
        Description = "A file with one text per line, without labels, from which a prompt is distilled in addition to the training rows " +
            "(--method prefix --set distillation=N).",
    };

    private readonly Option<int?> _maxTokens = new("--max-tokens")
    {
        Description = "The maximum number of tokens per text. Longer texts are truncated (see --truncation).",
    };

    private readonly Option<Truncation> _truncation = new("--truncation")
    {
        Description = "How longer texts are truncated: at the End, in the Middle (one quarter is kept from the beginning and three quarters from the end), " +
            "or not at all but read in Windows, whose scores are averaged.",
        DefaultValueFactory = _ => Truncation.End,
    };

    private readonly Option<int?> _maxWindows = new("--max-windows")
    {
        Description = "The maximum number of windows per text (with --truncation windows). The default is 16.",
    };

    private readonly Option<double?> _coverage = new("--coverage")
    {
        Description = "The probability, above 0 and below 1, with which the set of possible labels of a text is to contain its true label: predict prints the "
            + "set, and whether to answer, ask or escalate. 0.95 needs 19 dev rows, or training rows without dev rows. By default, there are no sets.",
    };

    private readonly Option<double?> _prune = new("--prune")
    {
        Description = "The share of the model's feed-forward units to keep for this adapter, above 0, at most 1, such as 0.5: its predictions take less time. "
            + "The frozen model does not change. By default, all units are used.",
    };

    private readonly Option<string?> _pruneBy = new("--prune-by")
    {
        Description = "With --prune, what decides which units are kept. attribution: gradient times activation of the right answers, under an adapter that is "
            + "trained first. As controls, activation: the norm of the activations; magnitude: the norm of the weights; random: chance. The default is "
            + "attribution.",
    };

    private readonly LoopArguments _loop = new();
    private readonly RejectionArguments _rejection = new();

    public TrainingArguments AddTo(Command command)
    {
        _method.AddRule(result =>
        {
            try { TuningOptions.Create(result.GetValue(_method)!); }
            catch (SkTuningException e) { result.AddError(e.Message); }
        });
        _preset.AddRule(result =>
        {
            try { if (result.GetValue(_preset) is { } name) Preset.Get(name); }
            catch (SkTuningException e) { result.AddError(e.Message); }
        });
        _head.AcceptOnlyFromAmong([.. HeadOptions.Names]);
        _objective.AcceptOnlyFromAmong([.. ObjectiveOptions.Names]);
        Option[] options =
        [
            _preset, _prompt, _searchPrompt.AtLeastOne(), _searchLabels.AtLeastOne(), _template, _method, _bottleneck, _settings, _head, _pooling,
            _maxTokens.AtLeastOne(), _truncation, _maxWindows, _start, _texts,
        ];
        foreach (var option in options) command.Add(option);
        _labels.AddTo(command);
        command.Add(_objective);
        command.Add(_objectiveWeight);
        command.Add(_coverage);
        command.Add(_prune);
        command.Add(_pruneBy.AcceptOnlyFromAmong([.. Enum.GetValues<PruningScore>().Select(PruningFile.NameOf)]));
        _prune.AddRule(result =>
        {
            if (result.GetValue(_prune) is not (null or (> 0 and <= 1))) result.AddError("Option '--prune' must be above 0 and at most 1, such as 0.5.");
        });
        command.AddRule(result =>
        {
            if (result.GetValue(_pruneBy) is not null && result.GetValue(_prune) is null)
                result.AddError("Option '--prune-by' requires '--prune' with the share of units to keep.");
            if (result.GetValue(_prune) is not null && result.GetValue(_start) is not null)
                result.AddError("Option '--prune' cannot be combined with '--start-from': an adapter keeps its units when training continues from it.");
        });
        _coverage.AddRule(result =>
        {
            if (result.GetValue(_coverage) is <= 0 or >= 1) result.AddError("Option '--coverage' must be above 0 and below 1, such as 0.95.");
        });
        command.AddRule(result =>
        {
            var option = result.GetValue(_settings) is { Length: > 0 } ? _settings.Name : result.GetValue(_bottleneck) is not null ? _bottleneck.Name : null;
            // An option that is not on the command line has no value yet, not even its default.
            if (option is not null && (result.GetValue(_method) ?? Auto) == Auto && result.GetValue(_preset) is null)
                result.AddError($"Option '{option}' requires '--method' with the method that the option belongs to.");
        });
        command.AddRule(result =>
        {
            if (result.GetValue(_maxWindows) is not null && result.GetValue(_truncation) != Truncation.Windows)
                result.AddError("Option '--max-windows' requires '--truncation windows'.");
        });
        command.AddRule(result =>
        {
            if (result.GetValue(_objectiveWeight) is not null && result.GetValue(_preset) is null
                && result.GetValue(_objective) == new CrossEntropyObjectiveOptions().Name)
                result.AddError("Option '--objective-weight' requires '--objective' with an objective beside the cross-entropy, such as label-anchors.");
        });
        command.AddRule(result =>
        {
            if (result.GetValue(_searchPrompt) is null) return;
            if (string.IsNullOrWhiteSpace(result.GetValue(_prompt)))
                result.AddError("Option '--search-prompt' requires '--prompt' with a prompt to start from.");
            if (result.GetValue(_start) is not null)
                result.AddError("Option '--search-prompt' cannot be used with '--start-from': an adapter keeps its prompt.");
        });
        command.AddRule(result =>
        {
            if (result.GetValue(_searchLabels) is not null && result.GetValue(_start) is not null)
                result.AddError("Option '--search-labels' cannot be used with '--start-from': an adapter keeps the texts of its labels.");
        });
        _rejection.AddTo(command);
        _loop.AddTo(command);
        return this;
    }

    /// <summary>The options of the training loop.</summary>
    public LoopArguments Loop => _loop;

    /// <summary>The number of prompts to try before training; null to keep the written one.</summary>
    public int? PromptsToTry(ParseResult parsed) => parsed.GetValue(_searchPrompt);

    /// <summary>The number of sets of label texts to try before training; null to keep the written ones.</summary>
    public int? LabelTextsToTry(ParseResult parsed) => parsed.GetValue(_searchLabels);

    /// <summary>The folder of the adapter to continue from; null if there is none.</summary>
    public string? StartFrom(ParseResult parsed) => parsed.GetValue(_start);

    /// <summary>Whether a label has a text.</summary>
    public bool HasDescriptions(SymbolResult result) => _labels.HasDescriptions(result);

    /// <summary>Returns the options with a unit of the training rows for each label, if the command line asks for them.</summary>
    public AdapterOptions<TRow> WithUnits<TRow>(AdapterOptions<TRow> options, IReadOnlyList<TRow> train, ParseResult parsed)
        => _labels.TakesUnits(parsed.CommandResult) && train is IReadOnlyList<Row> texts
            ? options with { LabelWords = UnitLabels.ByFrequency(texts) } : options;

    /// <summary>Returns the name of an option that was specified and means nothing without training rows; null if there is none.</summary>
    public string? NeedsRows(SymbolResult result) => _labels.TakesUnits(result) ? "--label-word auto" : result.GetValue(_start) is not null ? _start.Name
        : result.GetValue(_searchPrompt) is not null ? _searchPrompt.Name : result.GetValue(_searchLabels) is not null ? _searchLabels.Name
        : result.GetValue(_prune) is not null ? _prune.Name : result.GetValue(_preset) is not null ? _preset.Name : _loop.NeedsRows(result);

    /// <summary>The preset; null if there is none.</summary>
    public Preset? PresetOf(ParseResult parsed) => parsed.GetValue(_preset) is { } name ? Preset.Get(name) : null;

    /// <summary>Returns the options with the values from the command line, which override those of the preset.</summary>
    /// <param name="options">The options of the task.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The base.</param>
    public T Fill<T>(T options, ParseResult parsed, FrozenModel model) where T : AdapterOptions
    {
        var recipe = options with { Template = parsed.GetValue(_template)! };
        var filled = Common((T)(PresetOf(parsed)?.ApplyTo(recipe, model) ?? recipe), parsed);
        if (parsed.GetValue(_coverage) is not { } coverage) return filled;
        return filled is TextClassifierOptions classifier ? (T)(AdapterOptions)(classifier with { Coverage = coverage })
            : throw new SkTuningException($"--coverage is for the task {TaskKinds.All[0].Name}: only there, a text has one label of several.");
    }

    private T Common<T>(T options, ParseResult parsed) where T : AdapterOptions => (T)(_rejection.Fill(options, parsed) with
    {
        Prompt = parsed.GetValue(_prompt)!,
        LabelDescriptions = _labels.Descriptions(parsed),
        LabelWords = _labels.Words(parsed),
        Head = parsed.GetValue(_head) is { } head ? HeadOptions.Create(head) : options.Head,
        Objective = Objective(options.Objective, parsed),
        StartFrom = StartFrom(parsed),
        DistillationTexts = parsed.GetValue(_texts) is not { } texts ? null
            : [.. RowFile.StreamLines(InputFile.Open(texts), texts, new()).Select(r => r.Text).Where(t => !string.IsNullOrWhiteSpace(t))],
        Method = Method(options.Method, parsed),
        Pooling = parsed.Given(_pooling, options.Pooling),
        MaxTokens = parsed.GetValue(_maxTokens),
        Truncation = parsed.GetValue(_truncation),
        MaxWindows = parsed.GetValue(_maxWindows) ?? options.MaxWindows,
        Prune = parsed.GetValue(_prune) is { } keep
            ? new() { Keep = keep, By = Enum.GetValues<PruningScore>().FirstOrDefault(s => PruningFile.NameOf(s) == parsed.GetValue(_pruneBy)) }
            : options.Prune,
        Training = _loop.Read(parsed, options.Training),
    });

    private ObjectiveOptions Objective(ObjectiveOptions recipe, ParseResult parsed)
    {
        var objective = parsed.IsGiven(_objective) ? ObjectiveOptions.Create(parsed.GetValue(_objective)!) : recipe;
        return parsed.GetValue(_objectiveWeight) is { } weight ? objective with { Weight = weight } : objective;
    }

    private TuningOptions Method(TuningOptions recipe, ParseResult parsed)
    {
        var settings = (parsed.GetValue(_settings) ?? []).Select(Pair).ToList();
        if (parsed.GetValue(_bottleneck) is { } bottleneck) settings.Add(new("bottleneck", bottleneck.ToString(CultureInfo.InvariantCulture)));
        return parsed.IsGiven(_method) ? TuningOptions.Create(parsed.GetValue(_method)!, settings) : recipe.With(settings);

        static KeyValuePair<string, string> Pair(string text) => text.Split('=', 2) is [var key, var value]
            ? new(key, value)
            : throw new SkTuningException($"--set {text}: expected name=value, such as dropout=0.1.");
    }
}

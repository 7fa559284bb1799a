using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SkTuning.Baselines;
using SkTuning.Compare;
using SkTuning.Heads;
using SkTuning.Tokenizers.Chat;

namespace SkTuning.Tool.Commands;

/// <summary>The options of a training run.</summary>
internal sealed class TrainingArguments
{
    private readonly Option<string> _prompt = new("--prompt") { Description = "The task in plain words: \"Classify the topic of the customer's message:\"; {labels} is filled with the labels. Methods that read no prompt need none.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _template = new("--template") { Description = "What stands around each text: {text}, {text2} of a pair, {mask}.", DefaultValueFactory = _ => "{text}" };
    private readonly Option<string> _method = new("--method") { Description = $"Tuning method: {string.Join(", ", TuningOptions.Names)}; or several joined: sk-prefix+lora.", DefaultValueFactory = _ => "sk-prefix" };
    private readonly Option<int?> _bottleneck = new("--bottleneck") { Description = "sk-prefix, sk-prompt: inner width of the adapter." };
    private readonly Option<string[]> _settings = new("--set") { Description = "An option of the method as adapter.json writes it: --set dropout=0.1; of joined methods --set lora.rank=4." };
    private readonly Option<Pooling> _pooling = new("--pooling") { Description = "Which states the head sees.", DefaultValueFactory = _ => Pooling.Mean };
    private readonly Option<string?> _head = new("--head") { Description = "One label a text: linear over the pooled states; label-words, which starts as the language model's scores of a word for each label; likelihood, that of words of several tokens; hf, the classifier of Hugging Face's classes, which can be exported to PEFT. Default: linear; zero-shot: likelihood, or label-words with an encoder." };
    private readonly LabelArguments _labels = new();
    private readonly Option<string?> _start = new("--start-from") { Description = "One label a text: the folder of an adapter to go on from, on these rows; labels it does not know are added. Its method, prompt and head stay." };
    private readonly Option<int?> _maxTokens = new("--max-tokens") { Description = "The most tokens of a text; longer ones lose their end (--truncation)." };
    private readonly Option<Truncation> _truncation = new("--truncation") { Description = "Longer texts lose their end, or their middle, which keeps a quarter of their beginning and three of their end; or they are read in windows, whose scores are averaged.", DefaultValueFactory = _ => Truncation.End };
    private readonly Option<int?> _maxWindows = new("--max-windows") { Description = "The most windows of a text with --truncation windows, 16 where nothing is said." };
    private readonly LoopArguments _loop = new();

    private static readonly OrderedDictionary<string, HeadKind> HeadNames = new()
    {
        ["linear"] = HeadKind.Linear,
        ["label-words"] = HeadKind.LabelWords,
        ["likelihood"] = HeadKind.Likelihood,
        ["hf"] = HeadKind.HuggingFace,
    };

    public TrainingArguments AddTo(Command command)
    {
        _method.Validators.Add(result =>
        {
            try { TuningOptions.Create(result.GetValue(_method)!); }
            catch (SkTuningException e) { result.AddError(e.Message); }
        });
        _head.AcceptOnlyFromAmong([.. HeadNames.Keys]);
        foreach (var option in (Option[])[_prompt, _template, _method, _bottleneck, _settings, _head, _pooling, _maxTokens, _truncation, _maxWindows, _start]) command.Add(option);
        _labels.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue<string>("--task") is { } task and not "single-label" && (result.GetValue(_head) is not null || _labels.HasWords(result))) result.AddError($"--head and --label-word are for one label a text, not for --task {task}.");
            if (result.GetValue(_maxWindows) is not null && result.GetValue(_truncation) != Truncation.Windows) result.AddError("--max-windows is for --truncation windows.");
        });
        _loop.AddTo(command);
        return this;
    }

    /// <summary>The loop alone.</summary>
    public LoopArguments Loop => _loop;

    /// <summary>The options with what the command line says.</summary>
    public T Fill<T>(T options, ParseResult parsed) where T : AdapterOptions => (T)((AdapterOptions)options with
    {
        Prompt = parsed.GetValue(_prompt)!,
        LabelDescriptions = _labels.Descriptions(parsed),
        Template = parsed.GetValue(_template)!,
        Method = Method(parsed),
        Pooling = parsed.GetValue(_pooling),
        MaxTokens = parsed.GetValue(_maxTokens),
        Truncation = parsed.GetValue(_truncation),
        MaxWindows = parsed.GetValue(_maxWindows) ?? options.MaxWindows,
        Training = _loop.Read(parsed),
    });

    /// <summary>The adapter to go on from; null: none.</summary>
    public string? StartFrom(SymbolResult result) => result.GetValue(_start);

    /// <summary>The head, and its words.</summary>
    public TextClassifierOptions FillHead(TextClassifierOptions options, ParseResult parsed)
        => options with { Head = parsed.GetValue(_head) is { } name ? HeadNames[name] : null, LabelWords = _labels.Words(parsed) };

    private TuningOptions Method(ParseResult parsed)
    {
        var settings = (parsed.GetValue(_settings) ?? []).Select(Pair).ToList();
        if (parsed.GetValue(_bottleneck) is { } bottleneck) settings.Add(new("bottleneck", bottleneck.ToString(CultureInfo.InvariantCulture)));
        return TuningOptions.Create(parsed.GetValue(_method)!, settings);

        static KeyValuePair<string, string> Pair(string text) => text.Split('=', 2) is [var key, var value]
            ? new(key, value)
            : throw new SkTuningException($"--set {text}: expected name=value, such as dropout=0.1.");
    }
}

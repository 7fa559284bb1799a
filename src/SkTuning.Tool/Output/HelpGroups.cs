using System.CommandLine;

namespace SkTuning.Tool.Output;

/// <summary>The groups of options in help texts, in their order, and the options of each. --help shows the everyday ones, and --help-all shows all.</summary>
internal static class HelpGroups
{
    /// <summary>An option in help texts.</summary>
    /// <param name="Name">The option's name, which means the same in every command.</param>
    /// <param name="Value">What its value is called; null if it has none, or if the type says it.</param>
    /// <param name="IsRare">Whether only --help-all shows it.</param>
    public sealed record Entry(string Name, string? Value = null, bool IsRare = false);

    /// <summary>The group of options that are in no group.</summary>
    public const string Other = "Other";

    public static IReadOnlyList<(string Title, IReadOnlyList<Entry> Options)> All { get; } =
    [
        ("Data",
        [
            new("--train", "FILE..."), new("--dev", "FILE"), new("--data", "FILE"), new("--file", "FILE"), new("--rows"), new("--against", "FILE"),
            new("--text2", "TEXT"), new("--task", "TASK"), new("--levels", "LABEL..."), new("--text-column", "NAME"), new("--label-column", "NAME"),
            new("--text2-column", "NAME"), new("--id-column", "NAME"), new("--labeled", "FILE"), new("--separator", "CHARACTER"),
            new("--label-separator", "TEXT"), Rare("--group-column", "NAME"), Rare("--label-map", "LABEL=NAME"), Rare("--no-header"),
            Rare("--limit"), Rare("--word-index"), Rare("--tag-index"), Rare("--words-column", "NAME"), Rare("--tags-column", "NAME"), Rare("--code-points"),
            Rare("--collapse-repeats"), new("--bad-rows", "stop|skip"), Rare("--bad-rows-file", "FILE"), new("--candidates"), new("--uncertainty"),
            new("--strict"),
        ]),
        ("Model",
        [
            new("--model", "FOLDER"), new("--adapter", "FOLDER"), new("--peft", "FOLDER"), new("--adapters", "FOLDER"), new("--base", "NAME"),
            new("--labels", "LABELS"), new("--pairs"), new("--revision", "NAME"), new("--gguf", "FILE"), new("--device", "DEVICE"), Rare("--precision"),
            Rare("--threads"), Rare("--copy-weights"), Rare("--keep-quantized"), Rare("--random-base", "SEED"), new("--check"),
            new("--units"), new("--layers"), new("--hidden"), new("--context"),
        ]),
        ("Method",
        [
            new("--method", "NAME"), new("--preset", "NAME"), new("--prompt", "TEXT"), new("--describe", "LABEL=TEXT"), new("--start-from", "FOLDER"),
            Rare("--search-prompt", "N"), Rare("--search-labels", "N"), Rare("--head", "NAME"),
            new("--max-tokens"), Rare("--truncation"), Rare("--max-windows"), Rare("--template", "TEXT"), Rare("--pooling"), Rare("--set", "NAME=VALUE"),
            Rare("--bottleneck"), Rare("--label-word", "LABEL=WORD"), Rare("--objective", "NAME"), Rare("--objective-weight"), new("--coverage"),
            Rare("--prune", "SHARE"), Rare("--prune-by"), Rare("--distill-texts", "FILE"),
            new("--reject"), new("--out-of-scope-label", "LABEL"), Rare("--reject-fraction"), Rare("--reject-score"),
        ]),
        ("Training",
        [
            new("--epochs"), new("--steps"), new("--lr", "NUMBER|auto"), new("--batch-size"), new("--folds"), new("--seed"), new("--seeds"),
            new("--metric", "NAME"), new("--class-weight", "LABEL=NUMBER"), Rare("--max-steps"), Rare("--head-lr"), Rare("--schedule"), Rare("--warm-up"),
            Rare("--optimizer"), Rare("--momentum"), Rare("--weight-decay"), Rare("--clip-norm"), Rare("--label-smoothing"), Rare("--divergence"),
            Rare("--patience"), Rare("--keep-last"), Rare("--micro-batch"), Rare("--recompute-activations", "true|false"), Rare("--memory", "MB"),
            Rare("--state-cache", "MB"), Rare("--checkpoint-steps"), Rare("--checkpoint-minutes"), Rare("--dev-fraction"),
        ]),
        ("Serving",
        [
            new("--urls", "URLS"), new("--workers"), new("--max-batch"), new("--max-delay", "MS"), Rare("--max-queue"), Rare("--max-texts"),
            Rare("--max-body", "MB"), Rare("--max-adapter", "MB"), Rare("--max-corrections", "MB"), Rare("--adapter-memory", "MB"), new("--max-rate"),
            new("--timeout", "SECONDS"), new("--log-requests"),
        ]),
        ("Output",
        [
            new("--out", "FOLDER"), new("--onnx", "FOLDER"), new("--shared"), new("--adapter-only"), new("--run", "FOLDER"), new("--resume"),
            new("--init", "FILE"), new("--markdown", "FILE"), new("--docs", "FILE"), new("--html", "FILE"), new("--dtype"), new("--json"),
            new("--help"), new("--help-all"), new("--version"),
        ]),
    ];

    private static readonly Dictionary<string, (string Title, Entry Entry, int Place)> ByName = All
        .SelectMany(g => g.Options.Select(e => (g.Title, Entry: e))).Index().ToDictionary(e => e.Item.Entry.Name, e => (e.Item.Title, e.Item.Entry, e.Index));

    /// <summary>Whether an option is in a group.</summary>
    public static bool Has(string option) => ByName.ContainsKey(option);

    /// <summary>Returns how an option is shown.</summary>
    public static Entry Of(Option option) => ByName.TryGetValue(option.Name, out var found) ? found.Entry : new(option.Name);

    /// <summary>Returns the title of an option's group.</summary>
    public static string TitleOf(Option option) => ByName.TryGetValue(option.Name, out var found) ? found.Title : Other;

    /// <summary>Returns the place of an option among all others.</summary>
    public static int PlaceOf(Option option) => ByName.TryGetValue(option.Name, out var found) ? found.Place : int.MaxValue;

    /// <summary>Whether nearly every use of a command has an option, although it is not required.</summary>
    public static bool IsUsual(Command command, Option option) => command.Name switch
    {
        "train" => option.Name is "--train" or "--out",
        "evaluate" or "predict" => option.Name == "--adapter",
        _ => false,
    };

    private static Entry Rare(string name, string? value = null) => new(name, value, IsRare: true);
}

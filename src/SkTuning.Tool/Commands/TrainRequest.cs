using System.CommandLine;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>What the command line asks to train on, for any task.</summary>
/// <param name="Task">The task.</param>
/// <param name="Train">The files of training rows; none to make a classifier from the texts of its labels.</param>
/// <param name="Dev">The file of dev rows; null to hold out a part of the training rows.</param>
/// <param name="Rows">How files are read.</param>
/// <param name="Arguments">How to train.</param>
/// <param name="Parsed">The command line.</param>
internal sealed record TrainRequest(
    TaskKind Task, IReadOnlyList<string> Train, string? Dev, RowOptions Rows, TrainingArguments Arguments, ParseResult Parsed)
{
    /// <summary>The levels of the task ordinal, lowest first; null if they are not given.</summary>
    public IReadOnlyList<string>? Levels { get; init; }

    /// <summary>The prompt that takes the place of the written one; null to keep it.</summary>
    public string? Prompt { get; init; }

    /// <summary>The texts of the labels that take the place of the written ones; null to keep them.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Descriptions { get; init; }

    /// <summary>The in-context prompt that takes the place of the written prompt and label words; null to keep them.</summary>
    public InContextPrompt? InContext { get; init; }

    /// <summary>Called when the rows have been read and training begins.</summary>
    public Action? OnTraining { get; init; }

    private (IReadOnlyList<Row> Train, IReadOnlyList<Row>? Dev)? _texts;
    private (IReadOnlyList<TokenRow> Train, IReadOnlyList<TokenRow>? Dev)? _words;
    private bool _isWarned;

    /// <summary>Returns the options of the training loop.</summary>
    public TrainingOptions Loop(FrozenModel model) => Arguments.Fill(new TextClassifierOptions(), Parsed, model).Training;

    /// <summary>Trains an adapter.</summary>
    /// <param name="session">The model, and what its trainings share.</param>
    /// <param name="change">Changes the options of the training loop; null to keep those of the command line.</param>
    /// <param name="progress">Receives progress after every step.</param>
    /// <param name="cancellationToken">Cancels after the current step.</param>
    public TunedAdapter Run(TrainingSession session, Func<TrainingOptions, TrainingOptions>? change, IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        return Task switch
        {
            TaskKind<Row> task => Of(task, _texts ??= Texts()),
            TaskKind<TokenRow> task => Of(task, _words ??= Words()),
            _ => throw new InvalidOperationException($"The tool cannot read rows for the task {Task.Name}."),
        };

        TunedAdapter Of<TRow>(TaskKind<TRow> task, (IReadOnlyList<TRow> Train, IReadOnlyList<TRow>? Dev) rows)
        {
            var options = Arguments.Fill(task.CreateOptions(), Parsed, session.Model) with { Dev = rows.Dev };
            if (Train.Count == 0 && options is TextClassifierOptions described)
                return TextClassifier.FromDescriptions(session.Model, described, cancellationToken);
            options = Arguments.WithUnits(options, rows.Train, Parsed);
            if (options is OrdinalClassifierOptions ordinal) options = (AdapterOptions<TRow>)(object)(ordinal with { Levels = Levels });
            if (Prompt is not null) options = options with { Prompt = Prompt };
            if (Descriptions is not null) options = options with { LabelDescriptions = Descriptions };
            if (InContext is not null && options is TextClassifierOptions untrained) options = (AdapterOptions<TRow>)(object)InContext.ApplyTo(untrained);
            if (change is not null) options = options with { Training = change(options.Training) };
            WarnOfManyLabels(options.Method, rows.Train);
            OnTraining?.Invoke();
            return task.Train(session, rows.Train, options, progress, cancellationToken);
        }
    }

    /// <summary>Tries other prompts; null if none are to be tried.</summary>
    public TextSearchReport<string>? FindPrompt(TrainingSession session, CancellationToken cancellationToken)
        => Arguments.PromptsToTry(Parsed) is not { } count || IsZeroShot(session) ? null
            : Searched(session, "--search-prompt", (rows, options) => session.FindPrompt(rows, options, new() { Candidates = count }, cancellationToken));

    /// <summary>Tries other in-context prompts; null if none are to be tried, or the method is trained.</summary>
    public TextSearchReport<InContextPrompt>? FindInContext(TrainingSession session, CancellationToken cancellationToken)
        => Arguments.PromptsToTry(Parsed) is not { } count || !IsZeroShot(session) ? null
            : Searched(session, "--search-prompt", (rows, options) => session.FindInContext(rows, options, new() { Candidates = count }, cancellationToken));

    private bool IsZeroShot(TrainingSession session) => Arguments.Fill(new TextClassifierOptions(), Parsed, session.Model).Method is ZeroShotOptions;

    /// <summary>Tries other texts of the labels; null if none are to be tried.</summary>
    public TextSearchReport<IReadOnlyDictionary<string, IReadOnlyList<string>>>? FindDescriptions(TrainingSession session, CancellationToken cancellationToken)
        => Arguments.LabelTextsToTry(Parsed) is not { } count ? null
            : Searched(session, "--search-labels", (rows, options) => session.FindDescriptions(rows, options, new() { Candidates = count }, cancellationToken));

    private T Searched<T>(TrainingSession session, string option, Func<IReadOnlyList<Row>, TextClassifierOptions, T> search)
    {
        if ((Task as TaskKind<Row>)?.CreateOptions() is not TextClassifierOptions defaults)
        {
            throw new SkTuningException($"{option} is for the task {TaskKinds.All[0].Name}: only there, texts can be compared by the margin of the label.");
        }
        var rows = _texts ??= Texts();
        var options = Arguments.Fill(defaults, Parsed, session.Model) with { Dev = rows.Dev };
        return search(rows.Train, Descriptions is null ? options : options with { LabelDescriptions = Descriptions });
    }

    private void WarnOfManyLabels<TRow>(TuningOptions method, IReadOnlyList<TRow> rows)
    {
        const int Many = 50;
        if (_isWarned || method is not LTuningOptions || rows is not IReadOnlyList<Row> texts) return;
        var labels = texts.SelectMany(r => r.Labels).Distinct(StringComparer.Ordinal).Count();
        if (labels < Many) return;
        _isWarned = true;
        Screen.Warning($"{method.Name} reads every dev row, and every text to predict, once for each of the {Screen.Number(labels)} labels: "
            + $"this takes about {Screen.Number(labels)} times as long as with sk-prefix or lora, which read it once.");
    }

    private (IReadOnlyList<Row>, IReadOnlyList<Row>?) Texts()
    {
        var numbers = Task.FixedLabels is not null;
        var read = Rows.Read(Parsed, numbers: numbers);
        return ([.. Train.SelectMany(f => RowFile.Load(f, read))], Dev is null ? null : RowFile.Load(Dev, Rows.Read(Parsed, limited: false, numbers)));
    }

    private (IReadOnlyList<TokenRow>, IReadOnlyList<TokenRow>?) Words()
        => ([.. Train.SelectMany(f => TokenRowFile.Load(f, Rows.ReadTokens(Parsed)))],
            Dev is null ? null : TokenRowFile.Load(Dev, Rows.ReadTokens(Parsed, limited: false)));
}

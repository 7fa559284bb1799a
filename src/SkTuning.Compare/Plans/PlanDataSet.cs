namespace SkTuning.Compare;

/// <summary>
/// A data set of a plan: three files shared by all seeds, or a folder with a sample for each seed (<c>{kShot}/{seed}/train.tsv</c> and
/// <c>{kShot}/{seed}/dev.tsv</c>) and shared test rows (<c>{kShot}/test.tsv</c>).
/// </summary>
public sealed record PlanDataSet
{
    /// <summary>The unique name of the data set, as shown in tables.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the task. Data sets of the same task and different sizes are plotted as one curve. The default is <see cref="Name"/>.</summary>
    public string? Task { get; init; }

    /// <summary>The prompt: a description of the task in plain words, for the methods that use one.</summary>
    public required string Prompt { get; init; }

    /// <summary>
    /// What each label means, in one or several texts, for every method (<see cref="AdapterOptions.LabelDescriptions"/>). In a plan file, a label has a text
    /// or a list of texts; the value can also be the path of a file, relative to the plan file, with such a JSON object or with lines of the form
    /// <c>label=text</c>. The default is null: no label has a text.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Descriptions { get; init; }

    /// <summary>The row template, which contains <c>{text}</c> exactly once. The default is <c>{text}</c>.</summary>
    public string Template { get; init; } = "{text}";

    /// <summary>The metric that is used for selection on the dev rows and reported for the test rows. The default is accuracy.</summary>
    public ComparisonMetric Metric { get; init; } = ComparisonMetric.Accuracy;

    /// <summary>
    /// The folder with a sample for each seed, relative to the plan file. It replaces <see cref="Train"/>, <see cref="Dev"/> and <see cref="Test"/>.
    /// </summary>
    public string? KShot { get; init; }

    /// <summary>The file of training rows.</summary>
    public string? Train { get; init; }

    /// <summary>
    /// The file of dev rows, which select the epoch and the learning rate. By default, a stratified tenth of the training rows is held out (with seed 1).
    /// With <c>none</c>, there are no dev rows: all training rows train, each method has one learning rate, and the last step is kept and tested. This also
    /// works with <see cref="KShot"/>, whose dev rows are then not read.
    /// </summary>
    public string? Dev { get; init; }

    /// <summary>
    /// The file of test rows. With <c>carved</c>, <see cref="TestLimit"/> rows of the training file are held out for the test (stratified, with seed 1):
    /// settings can be chosen by such a comparison without a look at test rows.
    /// </summary>
    public string? Test { get; init; }

    /// <summary>The labels whose rows are used. The default is null, which uses all rows.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>
    /// All labels as ordered levels, lowest first: methods are trained for the task <c>ordinal</c>. The default is null: the labels have no order.
    /// </summary>
    public IReadOnlyList<string>? Levels { get; init; }

    /// <summary>The number of training rows per label, drawn separately for each seed. The default is null, which uses all rows.</summary>
    public int? Shots { get; init; }

    /// <summary>
    /// The maximum number of training rows, drawn separately for each seed and stratified by label. The default is null, which uses all rows.
    /// </summary>
    public int? Limit { get; init; }

    /// <summary>The maximum number of test rows, which are the same for every seed and stratified by label. The default is null, which uses all rows.</summary>
    public int? TestLimit { get; init; }

    /// <summary>The name of the column with the text. The default is text.</summary>
    public string TextColumn { get; init; } = "text";

    /// <summary>The name of the column with the second text of a pair, if the files have one. The default is text2.</summary>
    public string Text2Column { get; init; } = "text2";

    /// <summary>The name of the column with the label. The default is label.</summary>
    public string LabelColumn { get; init; } = "label";

    /// <summary>The value of <see cref="Dev"/> for a data set without dev rows.</summary>
    internal const string None = "none";

    internal bool HasDev => Dev != None;

    /// <summary>The value of <see cref="Test"/> for test rows that are held out of the training file.</summary>
    internal const string Carved = "carved";

    internal bool CarvesTest => Test == Carved;

    internal RowFileOptions Columns => new() { TextColumn = TextColumn, Text2Column = Text2Column, LabelColumn = LabelColumn };
}

using SkTuning.Data;
using SkTuning.Tasks;
using SkTuning.Tokenizers.Chat;

namespace SkTuning.Compare;

/// <summary>
/// Data of a comparison: three files that all seeds share, or a folder with a sample for each seed: <c>{kShot}/{seed}/train.tsv</c>, <c>{kShot}/{seed}/dev.tsv</c>
/// and one <c>{kShot}/test.tsv</c>.
/// </summary>
public sealed record PlanDataSet
{
    /// <summary>Its name in the tables, unique.</summary>
    public required string Name { get; init; }

    /// <summary>What it is a sample of: data sets of one task and different sizes lie on one curve. Default: the name.</summary>
    public string? Task { get; init; }

    /// <summary>The task in plain words, for the methods that read them.</summary>
    public required string Prompt { get; init; }

    /// <summary>What stands around each text, with <c>{text}</c> once. Default: <c>{text}</c>.</summary>
    public string Template { get; init; } = "{text}";

    /// <summary>What dev chooses by and the test is reported in. Default: accuracy.</summary>
    public ComparisonMetric Metric { get; init; } = ComparisonMetric.Accuracy;

    /// <summary>A folder with a sample for each seed, relative to the plan's file; in place of <see cref="Train"/>, <see cref="Dev"/> and <see cref="Test"/>.</summary>
    public string? KShot { get; init; }

    /// <summary>Rows to train on.</summary>
    public string? Train { get; init; }

    /// <summary>Rows that choose the epoch and the rate. Default: a stratified tenth of the training rows, by seed 1.</summary>
    public string? Dev { get; init; }

    /// <summary>Rows to test on.</summary>
    public string? Test { get; init; }

    /// <summary>Train on so many rows of each label, drawn anew for each seed; null: on all. Default: null.</summary>
    public int? Shots { get; init; }

    /// <summary>Train on at most so many rows, drawn anew for each seed with the labels in proportion; null: on all. Default: null.</summary>
    public int? Limit { get; init; }

    /// <summary>Test on at most so many rows, the same for every seed, with the labels in proportion; null: on all. Default: null.</summary>
    public int? TestLimit { get; init; }

    /// <summary>The column of the text. Default: text.</summary>
    public string TextColumn { get; init; } = "text";

    /// <summary>The column of the second text, for pairs; read where the files have it. Default: text2.</summary>
    public string Text2Column { get; init; } = "text2";

    /// <summary>The column of the label. Default: label.</summary>
    public string LabelColumn { get; init; } = "label";

    internal RowFileOptions Columns => new() { TextColumn = TextColumn, Text2Column = Text2Column, LabelColumn = LabelColumn };
}

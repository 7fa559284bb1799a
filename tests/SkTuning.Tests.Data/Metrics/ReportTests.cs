using System.Text.Json.Nodes;

namespace SkTuning.Tests.Metrics;

/// <summary>The common interface of evaluation reports. The command line prints their JSON.</summary>
public sealed class ReportTests
{
    [Fact]
    public void A_classification_report_is_json() => Json("""
        {"rows":2,"accuracy":0.5,"accuracyInterval":{"low":0.09453120573423074,"high":0.9054687942657693,"confidence":0.95,"method":"wilson"},
        "macroF1":0.3333333333333333,"macroF1Interval":{"low":0.3333333333333333,"high":0.3333333333333333,"confidence":0.95,"method":"bootstrap"},
        "weightedF1":0.3333333333333333,"matthewsCorrelation":0,
        "perClass":{"ham":{"precision":0,"recall":0,"f1":0,"rows":1},"spam":{"precision":0.5,"recall":1,"f1":0.6666666666666666,"rows":1}}}
        """, ClassificationReport.Of(["spam", "ham"], ["spam", "spam"]));

    [Fact]
    public void A_multi_label_report_is_json() => Json("""
        {"rows":2,"microF1":0.5,"macroF1":0.25,"samplesF1":0.125,"subsetAccuracy":1,"hammingLoss":0,"rankingAveragePrecision":0.75,
        "perLabel":{"a":{"precision":0.5,"recall":0.25,"f1":1,"rows":1}}}
        """, new MultiLabelReport(2, new(0, 0, 0.5), new(0, 0, 0.25), new(0, 0, 0.125), 1, 0, 0.75, [new("a", new(0.5, 0.25, 1), 1)]));

    [Fact]
    public void Metrics_that_are_not_numbers_are_null() => Json("""
        {"rows":1,"pearson":null,"spearman":null,"meanSquaredError":1,"meanAbsoluteError":1,"rSquared":null}
        """, RegressionReport.Of([2], [3]));

    [Fact]
    public void An_entity_report_counts_words_tags_and_entities()
    {
        string[][] truth = [["B-PER", "I-PER", "O"], ["B-LOC"]], predicted = [["B-PER", "I-PER", "B-LOC"], ["B-LOC"]];
        var report = EntityReport.Of(["O", "B-PER", "I-PER", "B-LOC"], truth, predicted);
        Assert.Equal((2, 4, 0.75, true), (report.Rows, report.Words, report.Accuracy, report.MarksEntities));
        Assert.Equal("""
            2 rows, 4 words, accuracy of the tags 0.7500
            entities: precision 0.6667, recall 1.0000, F1 0.8000
            LOC: precision 0.5000, recall 1.0000, F1 0.6667, 1 entities
            PER: precision 1.0000, recall 1.0000, F1 1.0000, 1 entities
            """, report.ToString(), ignoreLineEndingDifferences: true);
        Json("""
            {"rows":2,"accuracy":0.75,"entityF1":0.8,"entityPrecision":0.6666666666666666,"entityRecall":1,
            "perType":{"LOC":{"precision":0.5,"recall":1,"f1":0.6666666666666666,"rows":1},"PER":{"precision":1,"recall":1,"f1":1,"rows":1}}}
            """, report);
    }

    [Fact]
    public void An_entity_report_of_tags_without_entities_has_their_accuracy()
    {
        var report = EntityReport.Of(["NOUN", "VERB"], [["NOUN", "VERB"]], [["NOUN", "NOUN"]]);
        Assert.False(report.MarksEntities);
        Assert.Equal((new Scores(0, 0, 0), new Scores(0, 0, 0)), (report.Micro, report.Macro));
        Assert.Empty(report.PerType);
        Assert.Equal("1 rows, 2 words, accuracy of the tags 0.5000", report.ToString());
        Json("""{"rows":1,"accuracy":0.5}""", report);
        Assert.Contains("tagged 'NOUN'", Assert.ThrowsAny<SkTuningException>(() => EntityReport.Of(["O", "B-PER"], [["NOUN"]], [["O"]])).Message);
    }

    private static void Json(string expected, IEvaluationReport report)
        => Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), report.ToJson().ToJsonString());
}

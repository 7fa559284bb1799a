using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Baselines;
using SkTuning.Peft;
using SkTuning.Tool.Commands;

namespace SkTuning.Tool.Tasks;

/// <summary>A tag a word.</summary>
internal sealed class TokenTask : ToolTask
{
    public override string Name => "tokens";

    public override TunedAdapter Train(TrainRequest request, IProgress<TrainingProgress>? progress, CancellationToken cancel)
    {
        var dev = request.Dev is null ? null : TokenRowFile.Load(request.Dev, request.Rows.ReadTokens(request.Parsed, limited: false));
        return TokenClassifier.Train(request.Model, TokenRowFile.Load(request.Train, request.Rows.ReadTokens(request.Parsed)), request.Options(new TokenClassifierOptions { Dev = dev }), progress, cancel);
    }

    public override TunedAdapter Load(string folder, FrozenModel model) => TokenClassifier.Load(folder, model);

    public override TunedAdapter Import(string folder, FrozenModel model, IReadOnlyList<string>? labels, PeftImportOptions options) => PeftInterop.ImportTokenClassifier(folder, model, labels, options);

    public override (string Text, JsonObject Json) Evaluate(TunedAdapter adapter, string file, RowOptions rows, ParseResult parsed, CancellationToken cancel)
    {
        var classifier = (TokenClassifier)adapter;
        var (test, json) = (TokenRowFile.Load(file, rows.ReadTokens(parsed)), new JsonObject());
        var accuracy = classifier.Accuracy(test, cancel);
        (json["rows"], json["accuracy"]) = (test.Count, accuracy);
        var text = FormattableString.Invariant($"{test.Count} rows, {test.Sum(r => r.Words.Count)} words, accuracy of the tags {accuracy:F4}");
        if (!classifier.MarksEntities) return (text, json);
        var entities = classifier.Evaluate(test, cancel);
        (json["entityF1"], json["entityPrecision"], json["entityRecall"]) = (entities.Micro.F1, entities.Micro.Precision, entities.Micro.Recall);
        json["perType"] = ScoresJson.PerClass(entities.PerType);
        text += FormattableString.Invariant($"\nentities: precision {entities.Micro.Precision:F4}, recall {entities.Micro.Recall:F4}, F1 {entities.Micro.F1:F4}");
        foreach (var type in entities.PerType) text += FormattableString.Invariant($"\n{type.Label}: precision {type.Scores.Precision:F4}, recall {type.Scores.Recall:F4}, F1 {type.Scores.F1:F4}, {type.Rows} entities");
        return (text, json);
    }

    public override IEnumerable<Told> Predict(TunedAdapter adapter, IReadOnlyList<Row> texts, CancellationToken cancel) => texts.Select(t => One((TokenClassifier)adapter, t.Text));

    private static Told One(TokenClassifier classifier, string text)
    {
        TokenPrediction p;
        try { p = classifier.Predict(text); }
        catch (SkTuningException e) { return Told.Failed(e.Message); }
        var json = new JsonObject
        {
            ["words"] = new JsonArray([.. p.Row.Words.Select(w => (JsonNode)w)]),
            ["tags"] = new JsonArray([.. p.Tags.Select(t => (JsonNode)t)]),
            ["confidences"] = new JsonArray([.. p.Confidences.Select(c => (JsonNode)c)]),
        };
        if (!classifier.MarksEntities) return new(string.Join(' ', p.Tags), json, p.WasTruncated, null);
        var spans = p.Spans();
        json["entities"] = new JsonArray([.. spans.Select(s => (JsonNode)new JsonObject { ["start"] = s.Start, ["end"] = s.End, ["label"] = s.Label, ["text"] = text[s.Start..s.End] })]);
        return new(string.Join('\t', spans.Select(s => $"{s.Label}: {text[s.Start..s.End]}")), json, p.WasTruncated, null);
    }
}

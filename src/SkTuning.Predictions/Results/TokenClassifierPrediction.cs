using System.Text.Json.Nodes;
using SkTuning.Metrics;

namespace SkTuning;

/// <summary>The tags of one sequence of words.</summary>
public sealed record TokenClassifierPrediction : TaskPrediction
{
    /// <summary>
    /// Gets the words, and their positions in the text if a text was given; <see langword="null"/> if there is an <see cref="TaskPrediction.Error"/>.
    /// </summary>
    public required TokenRow? Row { get; init; }

    /// <summary>Gets the tag of each word. A word that was not read is tagged O, or the first tag if the task has no O.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>Gets the probability of each word's tag, from 0 to 1; 0 for words that were not read.</summary>
    public required IReadOnlyList<double> Confidences { get; init; }

    internal bool MarksEntities { get; init; }

    /// <summary>Returns the entities that the tags mark, in words, read as the CoNLL script reads them.</summary>
    public IReadOnlyList<EntitySpan> Entities() => EntityTags.ReadConll(Tags);

    /// <summary>Returns the entities that the tags mark, in characters of the text.</summary>
    public IReadOnlyList<CharSpan> Spans() => Row is null ? [] : Row.WithTags(Tags).Spans();

    private protected override string AnswerText()
        => MarksEntities && Row?.Text is { } text ? string.Join('\t', Spans().Select(s => $"{s.Label}: {text[s.Start..s.End]}")) : string.Join(' ', Tags);

    private protected override JsonObject AnswerJson()
    {
        var json = new JsonObject
        {
            ["words"] = TextsJson(Row!.Words),
            ["tags"] = TextsJson(Tags),
            ["confidences"] = new JsonArray([.. Confidences.Select(c => (JsonNode)c)]),
        };
        if (!MarksEntities || Row.Text is not { } text) return json;
        json["entities"] = new JsonArray([.. Spans().Select(Entity)]);
        return json;

        JsonNode Entity(CharSpan span)
            => new JsonObject { ["start"] = span.Start, ["end"] = span.End, ["label"] = span.Label, ["text"] = text[span.Start..span.End] };
    }
}

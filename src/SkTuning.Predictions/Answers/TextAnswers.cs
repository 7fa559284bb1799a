using SkTuning.Batches;
using SkTuning.Prompts;

namespace SkTuning.Answers;

/// <summary>The predictions of a task whose rows are texts or pairs of texts.</summary>
/// <param name="readsPairs">Rows are pairs.</param>
internal abstract class TextAnswers<TPrediction>(bool readsPairs) : TaskAnswers<Row, TPrediction> where TPrediction : TaskPrediction
{
    public override Row RowOf(string text) => new(text, "");

    public override EncodedRow Encode(TextEncoder encoder, Row row)
    {
        if (row.Text is null) throw new SkTuningException("The text is null, expected a text.");
        if (readsPairs && row.Text2 is null) throw new SkTuningException("The adapter was trained on pairs, but the second text is missing: specify it.");
        if (!readsPairs && row.Text2 is not null)
            throw new SkTuningException("The adapter was trained on single texts, but a second text was given: remove it.");
        return encoder.Encode(row.Text, row.Text2);
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using SkTuning.Batches;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training.Runs;

/// <summary>Writes dev-predictions.jsonl: the prediction for each dev row, and its true answer.</summary>
internal static class DevPredictions
{
    /// <summary>Writes the predictions.</summary>
    /// <param name="file">The file to write to.</param>
    /// <param name="objective">The task.</param>
    /// <param name="labels">The names of the scores.</param>
    /// <param name="rows">The dev rows.</param>
    /// <param name="outputs">The scores of the rows, [M,C] on the CPU.</param>
    public static void Write(Stream file, Objective objective, LabelSet labels, IReadOnlyList<EncodedRow> rows, Tensor outputs)
    {
        using var scope = NewDisposeScope();
        using var json = new Utf8JsonWriter(file, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var write = objective.PredictionWriter(labels, outputs);
        var answer = 0;
        foreach (var row in rows)
        {
            json.WriteStartObject();
            if (row.Source is { Words: null } source)
            {
                json.WriteString("text", source.Text);
                if (source.Text2 is not null) json.WriteString("text2", source.Text2);
            }
            write(json, row, answer);
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            file.WriteByte((byte)'\n');
            answer += row.Answers;
        }
    }
}

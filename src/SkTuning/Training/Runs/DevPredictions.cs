using System.Text.Encodings.Web;
using System.Text.Json;
using SkTuning.Batches;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training.Runs;

/// <summary>dev-predictions.jsonl: what the adapter answers for each dev row, and what the row's own answer is.</summary>
internal static class DevPredictions
{
    /// <param name="file">Where to.</param>
    /// <param name="objective">The task.</param>
    /// <param name="labels">The names of the scores.</param>
    /// <param name="rows">The dev rows.</param>
    /// <param name="outputs">Their scores [M,C] on the CPU.</param>
    public static void Write(Stream file, Objective objective, LabelSet labels, IReadOnlyList<EncodedRow> rows, Tensor outputs)
    {
        using var scope = NewDisposeScope();
        using var json = new Utf8JsonWriter(file, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var classes = objective is SingleLabelObjective ? Rows(outputs.to_type(ScalarType.Float64).softmax(-1)) : null;
        var chances = objective is MultiLabelObjective ? MultiLabelObjective.Probabilities(outputs) : null;
        var numbers = objective is RegressionObjective regression ? regression.Values(outputs) : null;
        var answer = 0;
        foreach (var row in rows)
        {
            json.WriteStartObject();
            if (row.Source is { Words: null } source)
            {
                json.WriteString("text", source.Text);
                if (source.Text2 is not null) json.WriteString("text2", source.Text2);
            }
            if (objective is TokenObjective) Tokens(json, labels, row, classes!, answer);
            else if (classes is not null) OneLabel(json, labels, row, classes[answer]);
            else if (chances is not null) Labels(json, labels, row, chances[answer]);
            else if (numbers is not null) Number(json, row, numbers[answer]);
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            file.WriteByte((byte)'\n');
            answer += row.Answers;
        }
    }

    private static void OneLabel(Utf8JsonWriter json, LabelSet labels, EncodedRow row, double[] scores)
    {
        var best = Best(scores);
        json.WriteString("label", labels[row.Classes[0]]);
        json.WriteString("predicted", labels[best]);
        json.WriteNumber("confidence", scores[best]);
        Scores(json, labels, scores);
    }

    private static void Labels(Utf8JsonWriter json, LabelSet labels, EncodedRow row, double[] scores)
    {
        Names("label", c => row.Values[c] > 0.5f);
        Names("predicted", c => scores[c] >= 0.5);
        Scores(json, labels, scores);

        void Names(string key, Func<int, bool> has)
        {
            json.WriteStartArray(key);
            for (var c = 0; c < labels.Count; c++) if (has(c)) json.WriteStringValue(labels[c]);
            json.WriteEndArray();
        }
    }

    private static void Number(Utf8JsonWriter json, EncodedRow row, double value)
    {
        json.WriteNumber("label", row.Values[0]);
        json.WriteNumber("predicted", value);
    }

    /// <summary>The words that have an answer, with their tags and those told.</summary>
    private static void Tokens(Utf8JsonWriter json, LabelSet labels, EncodedRow row, double[][] scores, int from)
    {
        Names("words", a => row.Source is { Words: { } words, Kept: { } kept } ? words[kept[a]] : $"{a}");
        Names("label", a => labels[row.Classes[a]]);
        Names("predicted", a => labels[Best(scores[from + a])]);

        void Names(string key, Func<int, string> name)
        {
            json.WriteStartArray(key);
            for (var a = 0; a < row.Answers; a++) json.WriteStringValue(name(a));
            json.WriteEndArray();
        }
    }

    private static void Scores(Utf8JsonWriter json, LabelSet labels, double[] scores)
    {
        json.WriteStartObject("scores");
        for (var c = 0; c < scores.Length; c++) json.WriteNumber(labels[c], scores[c]);
        json.WriteEndObject();
    }

    private static int Best(double[] scores) => Array.IndexOf(scores, scores.Max());

    private static double[][] Rows(Tensor scores) => [.. scores.data<double>().ToArray().Chunk((int)scores.shape[1])];
}

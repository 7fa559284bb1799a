using SkTuning.Classifiers.MultiLabel;
using SkTuning.Classifiers.Ordinal;
using SkTuning.Classifiers.Regression;
using SkTuning.Classifiers.SingleLabel;

namespace SkTuning.Serving.Decide;

/// <summary>Says which questions an adapter can answer, and makes answers from predictions.</summary>
internal static class AnswerMaker
{
    /// <summary>The labels that mean yes where a question does not name one.</summary>
    private static readonly string[] Yes = ["yes", "true"];

    /// <summary>Refuses a question that an adapter cannot answer.</summary>
    /// <exception cref="SkTuningException">The message names the question, the adapter and what was expected.</exception>
    public static void Check(DecisionQuestion question, ServedAdapter adapter)
    {
        var (task, labels) = (adapter.Task.Name, adapter.Labels);
        switch (question)
        {
            case BinaryDecisionQuestion when task == MultiLabelTask.TaskName || (task == SingleLabelTask.TaskName && labels.Count == 2):
                if (LabelOf(question, labels) is { } label && labels.Contains(label)) return;
                throw Refused(LabelOf(question, labels) is { } unknown ? $"names the label '{unknown}'" : "names no label",
                    $"AdditionalProperties[\"{EngineDecisionClient.LabelProperty}\"] with one of the labels {Names(labels)}");
            case ChoiceDecisionQuestion choice when task == SingleLabelTask.TaskName:
                string[] choices = [.. choice.Choices.Select(c => c.Name).Order(StringComparer.Ordinal)];
                if (choices.Length == 0 || choices.SequenceEqual(labels.Order(StringComparer.Ordinal))) return;
                throw Refused($"has the choices {Names(choices)}", $"no choices, or the labels {Names(labels)}");
            case ScoreDecisionQuestion score when task == OrdinalTask.TaskName:
                if (score.Levels.Count == 0 || score.Levels.Count == labels.Count) return;
                throw Refused($"has {score.Levels.Count} levels", $"no levels, or {labels.Count}: {Names(labels)}");
            case ScoreDecisionQuestion score when task == RegressionTask.TaskName:
                if (score.Levels.Count == 0) return;
                throw Refused($"has {score.Levels.Count} levels", "no levels: the adapter predicts a number");
            case BinaryDecisionQuestion: throw Refused("is answered by yes or no", "an adapter of the task multi-label, or of single-label with two labels");
            case ChoiceDecisionQuestion: throw Refused("is answered by a choice", "an adapter of the task single-label");
            default: throw Refused("is answered by a score", "an adapter of the task ordinal or regression");
        }

        SkTuningException Refused(string found, string expected)
            => new($"The question '{question.Id}' for the adapter '{adapter.Name}' ({task}, {labels.Count} labels) {found}, expected {expected}.");
    }

    /// <summary>Makes the answer to a question that was checked.</summary>
    public static DecisionAnswer Answer(DecisionQuestion question, TaskPrediction prediction)
    {
        DecisionAnswer answer = (question, prediction) switch
        {
            (BinaryDecisionQuestion, MultiLabelClassifierPrediction p) => Binary(question, p.Scores),
            (BinaryDecisionQuestion, TextClassifierPrediction p) => Binary(question, p.Scores),
            (ChoiceDecisionQuestion, TextClassifierPrediction p)
                => new ChoiceDecisionAnswer(p.Label, p.Scores.ToDictionary(StringComparer.Ordinal)) { Confidence = p.Confidence },
            (ScoreDecisionQuestion, OrdinalClassifierPrediction p) => Score(p),
            (ScoreDecisionQuestion, TextRegressorPrediction p) => new ScoreDecisionAnswer(p.Value, new Dictionary<int, double>()),
            _ => throw Replaced(question),
        };
        answer.RawRepresentation = prediction;
        return answer;
    }

    private static BinaryDecisionAnswer Binary(DecisionQuestion question, IReadOnlyDictionary<string, double> scores)
        => new(LabelOf(question, scores.Keys) is { } label && scores.TryGetValue(label, out var probability) ? probability : throw Replaced(question));

    /// <summary>Returns the exception for an adapter that was replaced between the check and the answer.</summary>
    private static SkTuningException Replaced(DecisionQuestion question)
        => new($"The question '{question.Id}' has no answer: its adapter was replaced by one that cannot answer it.");

    private static ScoreDecisionAnswer Score(OrdinalClassifierPrediction prediction)
        => new(prediction.ExpectedLevel - 1, prediction.Scores.Values.Index().ToDictionary(s => s.Index, s => s.Item)) { Confidence = prediction.Confidence };

    /// <summary>Returns the label that means yes: the one that the question names, the only one, or one that says so; null if there is none.</summary>
    private static string? LabelOf(DecisionQuestion question, IEnumerable<string> labels)
    {
        if (question.AdditionalProperties?.TryGetValue(EngineDecisionClient.LabelProperty, out string? named) == true) return named;
        string[] all = [.. labels];
        return all.Length == 1 ? all[0] : all.FirstOrDefault(l => Yes.Contains(l, StringComparer.OrdinalIgnoreCase));
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));
}

namespace SkTuning.Peft;

/// <summary>The values of PEFT's task_type.</summary>
internal static class PeftTaskTypes
{
    public const string Sequence = "SEQ_CLS", Tokens = "TOKEN_CLS";

    public static string Of(TaskKind task) => task.AnswersPerWord ? Tokens : Sequence;
}

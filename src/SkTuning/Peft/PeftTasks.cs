using SkTuning.Tasks;
using SkTuning.Tokenizers.Processors;

namespace SkTuning.Peft;

/// <summary>Our tasks by PEFT's task_type.</summary>
internal static class PeftTasks
{
    public const string Sequence = "SEQ_CLS", Tokens = "TOKEN_CLS";

    public static string Of(string task) => task == TokenObjective.Name ? Tokens : Sequence;
}

using SkTuning.Heads;

namespace SkTuning;

/// <summary>
/// The options of the classifier of Hugging Face's model classes, which PEFT can store: a decoder's last token without a bias, an encoder's first token through
/// its pooler.
/// </summary>
public sealed record HuggingFaceHeadOptions : HeadOptions
{
    internal override bool IsTransformersHead(bool perWord) => !perWord;

    internal override string? Refusal(HeadContext context)
    {
        if (!context.Task.AnswersPerWord) return context.FrozenRefusal;
        return $"The head {Name} has one answer per text and cannot be used for the task {context.Task.Name}: "
            + "use the head linear, which is the same as that of transformers for this task.";
    }

    internal override Head Create(HeadContext context) => new HuggingFaceHead(context.Model.Transformer, context.Labels.Count);
}

namespace SkTuning;

/// <summary>What makes scores of the model's states.</summary>
public enum HeadKind
{
    /// <summary>A linear over the pooled states.</summary>
    Linear,

    /// <summary>A linear that starts as the language model's own scores of a word for each label, at the last token (or at an encoder's mask token).</summary>
    LabelWords,

    /// <summary>The language model's log-likelihood of each label's words behind the text, divided by their number of tokens: for words of several tokens. Nothing of it is trained.</summary>
    Likelihood,

    /// <summary>The classifier of Hugging Face's model classes, which PEFT can express: a decoder's last token without bias; an encoder's first token through its pooler.</summary>
    HuggingFace,
}

internal static class HeadKinds
{
    private static readonly IReadOnlyList<(HeadKind Kind, string Name)> Known =
        [(HeadKind.Linear, "linear"), (HeadKind.LabelWords, "label-words"), (HeadKind.Likelihood, "likelihood"), (HeadKind.HuggingFace, "hf")];

    /// <summary>The names in adapter files and on the command line.</summary>
    public static IEnumerable<string> Names => Known.Select(k => k.Name);

    public static string Name(this HeadKind kind) => Known.First(k => k.Kind == kind).Name;

    public static HeadKind? Find(string name) => Known.Where(k => k.Name == name).Select(k => (HeadKind?)k.Kind).FirstOrDefault();
}

using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Normalizers;

/// <summary>Inserts a prefix before a text that is not empty. The prefix has the origin of the first character.</summary>
internal sealed class PrependNormalizer(string prefix) : NormalizerStep
{
    public override bool KeepsStart => true;

    public override void Apply(TextState state)
    {
        var source = state.Text;
        if (source.Length == 0 || prefix.Length == 0) return;
        var target = state.NextText();
        target.AddLike(prefix, source, 0);
        target.AddPart(source, 0, source.Length);
        state.TakeText();
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("prepend", prefix);
}

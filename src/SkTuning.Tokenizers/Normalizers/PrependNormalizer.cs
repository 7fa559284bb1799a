using SkTuning.Tokenizers.Sources;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Normalizers;

/// <summary>Puts a text before a text that is not empty. What is put there comes from where the first character came from.</summary>
internal sealed class PrependNormalizer(string prefix) : NormalizerStep
{
    public override bool KeepsStart => true;

    public override void Apply(EncodeState state)
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

using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>A model in which every piece is one token, or the unknown token.</summary>
internal sealed class WordLevelModel(Vocabulary vocabulary, int? unknown, string unknownToken) : SubwordModel(vocabulary)
{
    public override int? Unknown => unknown;

    protected override void Tokenize(ReadOnlySpan<char> word, EncodeState state)
    {
        if (!Vocabulary.TryGet(word, out var id))
            id = unknown ?? throw new SkTuningException(
                $"The vocabulary contains neither the word '{(word.Length <= 100 ? word : word[..100])}' nor the unknown token '{unknownToken}'.");
        state.Word.Add(id, word.Length);
    }

    public override void Describe(Fingerprint fingerprint)
    {
        fingerprint.Add("word-level", unknown);
        Vocabulary.Describe(fingerprint);
    }
}

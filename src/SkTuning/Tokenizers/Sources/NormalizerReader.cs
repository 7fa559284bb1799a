using SkTuning.Tokenizers.Normalizers;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads the "normalizer" of a tokenizer.json.</summary>
internal static class NormalizerReader
{
    public static NormalizerStep Read(JsonPart part)
    {
        var type = part.String("type");
        NormalizerStep step = type switch
        {
            "Sequence" => new NormalizerSequence([.. part.Parts("normalizers").Select(Read)]),
            "Prepend" => new PrependNormalizer(part.String("prepend")),
            "Replace" => new ReplaceNormalizer(PatternReader.Read(part, "pattern"), part.String("content")),
            _ => throw part.NotImplemented("type", type),
        };
        part.Done();
        return step;
    }
}

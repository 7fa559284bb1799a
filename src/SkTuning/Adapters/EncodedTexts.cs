using SkTuning.Batches;
using SkTuning.Training;

namespace SkTuning.Adapters;

/// <summary>Many texts for prediction: those that can be read, and why the others cannot.</summary>
internal static class EncodedTexts
{
    public static (IReadOnlyList<(int Index, EncodedRow Row)> Encoded, IReadOnlyList<(int Index, string Error)> Errors) Of(AdapterRuntime runtime, IReadOnlyList<(string Text, string? Text2)> texts)
    {
        var pairs = runtime.Definition.Pairs == true;
        var (encoded, errors) = (new List<(int, EncodedRow)>(texts.Count), new List<(int, string)>());
        foreach (var (i, (text, text2)) in texts.Index())
        {
            if (text is null) errors.Add((i, "The text is null, expected a text."));
            else if (pairs && text2 is null) errors.Add((i, "The adapter was trained on pairs, found one text: expected a second text."));
            else if (!pairs && text2 is not null) errors.Add((i, "The adapter was trained on single texts, found a pair: expected no second text."));
            else
                try { encoded.Add((i, runtime.Encoder.Encode(text, text2))); }
                catch (SkTuningException e) { errors.Add((i, e.Message)); }
        }
        return (encoded, errors);
    }
}

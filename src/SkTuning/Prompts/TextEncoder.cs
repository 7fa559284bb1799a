using SkTuning.Models;
using SkTuning.Tokenizers;

namespace SkTuning.Prompts;

/// <summary>
/// Texts to token ids: the one place that decides special tokens, joins and cuts. A causal model reads [BOS if its tokenizer adds one] + prompt, and the text goes
/// on behind it without a second BOS; an encoder reads prompt and text each as its tokenizer writes them.
/// </summary>
internal sealed class TextEncoder
{
    private readonly TextTokenizer _tokenizer;
    private readonly RowTemplate _template;
    private readonly bool _causal, _startsText;
    private readonly int _most;

    /// <param name="tokenizer">The base's tokenizer.</param>
    /// <param name="causal">The base reads from left to right.</param>
    /// <param name="template">What stands around each text.</param>
    /// <param name="startsText">The text itself starts the sequence, with its BOS.</param>
    /// <param name="most">The most tokens of a text, template included.</param>
    public TextEncoder(TextTokenizer tokenizer, bool causal, RowTemplate template, bool startsText, int most)
        => (_tokenizer, _causal, _template, _startsText, _most) = (tokenizer, causal, template, startsText, most);

    /// <summary>The prompt's ids; never empty.</summary>
    public static int[] PromptIds(TextTokenizer tokenizer, bool causal, string prompt)
    {
        int[] ids = causal ? [.. tokenizer.PrefixSpecialIds, .. tokenizer.EncodeIds(prompt, addSpecialTokens: false)] : [.. tokenizer.EncodeIds(prompt, addSpecialTokens: true)];
        return ids.Length > 0 ? ids : throw new SkTuningException("The prompt is empty: describe the task in words, for example \"Classify the topic of the customer's message:\".");
    }

    /// <summary>A text's ids; an empty text is read as the tokenizer's end-of-text token, so that every text has a prediction.</summary>
    public (int[] Ids, bool WasCut) Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (front, back) = Around();
        var plain = _tokenizer.EncodeIds(_template.Fill(text), addSpecialTokens: false);
        var room = _most - front.Count - back.Count;
        var cut = plain.Length > room;
        if (cut) plain = Cut(text, room);
        int[] ids = [.. front, .. plain, .. back];
        return (ids.Length > 0 ? ids : [Filler()], cut);
    }

    private (IReadOnlyList<int> Front, IReadOnlyList<int> Back) Around()
        => !_causal ? (_tokenizer.PrefixSpecialIds, _tokenizer.SuffixSpecialIds) : (_startsText ? _tokenizer.PrefixSpecialIds : [], []);

    /// <summary>The text loses its end; what the template puts behind it stays.</summary>
    private int[] Cut(string text, int room)
    {
        int[] after = _template.After.Length == 0 ? [] : _tokenizer.EncodeIds(_template.After, addSpecialTokens: false);
        var before = _tokenizer.EncodeIds(_template.Before + text, addSpecialTokens: false);
        return [.. before.Take(Math.Max(room - after.Length, 0)), .. after.Take(room)];
    }

    private int Filler() => _tokenizer.EosId ?? _tokenizer.BosId ?? _tokenizer.PadId ?? 0;
}

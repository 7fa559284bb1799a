using System.Text.RegularExpressions;

namespace SkTuning.Prompts;

/// <summary>
/// The text around each row: <c>before {text} after</c>, with <c>{text2}</c> for the second text of a pair and <c>{mask}</c> for the mask token of a masked LM.
/// It belongs to the adapter.
/// </summary>
internal sealed partial record RowTemplate
{
    /// <summary>The text alone.</summary>
    public const string Plain = Slot;

    private const string Slot = "{text}", Slot2 = "{text2}", MaskSlot = "{mask}";

    private readonly string _template;

    private RowTemplate(string template)
    {
        _template = template;
        var at = template.IndexOf(Slot, StringComparison.Ordinal);
        (Before, After) = (template[..at], template[(at + Slot.Length)..]);
    }

    /// <summary>The template before the text.</summary>
    public string Before { get; }

    /// <summary>The template after the text.</summary>
    public string After { get; }

    /// <summary>The template has a place for the second text.</summary>
    public bool HasText2 => _template.Contains(Slot2, StringComparison.Ordinal);

    /// <summary>The template has a place for the mask token.</summary>
    public bool HasMask => _template.Contains(MaskSlot, StringComparison.Ordinal);

    /// <summary>The context that an answer follows, with a letter in place of each text: the whole template, or the part before its mask.</summary>
    public string BeforeAnswer => Slots().Replace(HasMask ? _template[.._template.IndexOf(MaskSlot, StringComparison.Ordinal)] : _template, "a");

    /// <summary>The position of the mask: before all texts (-1), between two texts (0), or after all texts (1).</summary>
    public int MaskSide
    {
        get
        {
            var texts = _template[(_template.IndexOf(MaskSlot, StringComparison.Ordinal) + MaskSlot.Length)..];
            var following = (texts.Contains(Slot, StringComparison.Ordinal) ? 1 : 0) + (texts.Contains(Slot2, StringComparison.Ordinal) ? 1 : 0);
            return following == 0 ? 1 : following == (HasText2 ? 2 : 1) ? -1 : 0;
        }
    }

    /// <exception cref="SkTuningException">A placeholder is missing, repeated or unknown.</exception>
    public static RowTemplate Parse(string template)
    {
        Expect(Slot, atLeast: 1);
        Expect(Slot2, atLeast: 0);
        Expect(MaskSlot, atLeast: 0);
        if (Slots().Matches(template).FirstOrDefault(m => m.Value is not (Slot or Slot2 or MaskSlot)) is { } unknown)
        {
            throw new SkTuningException($"The row template '{template}' contains {unknown.Value}, expected {Slot}, {Slot2} or {MaskSlot}. "
                + "Labels belong in the prompt.");
        }
        return new(template);

        void Expect(string slot, int atLeast)
        {
            var count = template.Split(slot).Length - 1;
            if (count >= atLeast && count <= 1) return;
            var found = count == 0 ? $"does not contain {slot}" : $"contains {slot} more than once";
            throw new SkTuningException($"The row template '{template}' {found}, expected it {(atLeast == 0 ? "at most once" : "once")}.");
        }
    }

    /// <summary>Returns the template with the text of the mask token filled in.</summary>
    public RowTemplate WithMask(string token) => new(_template.Replace(MaskSlot, token, StringComparison.Ordinal));

    /// <summary>Returns the template with texts filled in. Placeholders in the texts are not replaced.</summary>
    public string Fill(string text, string? text2 = null)
    {
        if (_template.Length == Slot.Length) return text;
        if (!HasText2) return Before + text + After;
        return Slots().Replace(_template, m => m.Value == Slot ? text : m.Value == Slot2 ? text2 ?? "" : m.Value);
    }

    public override string ToString() => _template;

    [GeneratedRegex(@"\{(text|text2|mask|labels)\}")]
    private static partial Regex Slots();
}

using System.Text.RegularExpressions;

namespace SkTuning.Prompts;

/// <summary>What stands around each text: <c>before {text} after</c>, with <c>{text2}</c> for the second text of a pair and <c>{mask}</c> for a masked-LM's mask token. It belongs to the adapter.</summary>
internal sealed partial record RowTemplate
{
    /// <summary>Nothing around the text.</summary>
    public const string Plain = Slot;

    private const string Slot = "{text}", Slot2 = "{text2}", MaskSlot = "{mask}";

    private readonly string _template;

    private RowTemplate(string template)
    {
        _template = template;
        var at = template.IndexOf(Slot, StringComparison.Ordinal);
        (Before, After) = (template[..at], template[(at + Slot.Length)..]);
    }

    /// <summary>What stands before the text.</summary>
    public string Before { get; }

    /// <summary>What stands behind it.</summary>
    public string After { get; }

    /// <summary>It says where the second text goes.</summary>
    public bool HasText2 => _template.Contains(Slot2, StringComparison.Ordinal);

    /// <summary>It has a place for the mask token.</summary>
    public bool HasMask => _template.Contains(MaskSlot, StringComparison.Ordinal);

    /// <summary>What an answer stands behind, with a letter in place of each text: all of the template, or what is before its mask.</summary>
    public string BeforeAnswer => Slots().Replace(HasMask ? _template[.._template.IndexOf(MaskSlot, StringComparison.Ordinal)] : _template, "a");

    /// <summary>Where the mask stands: before all texts (-1), between two (0), or behind all (1).</summary>
    public int MaskSide
    {
        get
        {
            var texts = _template[(_template.IndexOf(MaskSlot, StringComparison.Ordinal) + MaskSlot.Length)..];
            var behind = (texts.Contains(Slot, StringComparison.Ordinal) ? 1 : 0) + (texts.Contains(Slot2, StringComparison.Ordinal) ? 1 : 0);
            return behind == 0 ? 1 : behind == (HasText2 ? 2 : 1) ? -1 : 0;
        }
    }

    public static RowTemplate Parse(string template)
    {
        Expect(Slot, atLeast: 1);
        Expect(Slot2, atLeast: 0);
        Expect(MaskSlot, atLeast: 0);
        if (Slots().Matches(template).FirstOrDefault(m => m.Value is not (Slot or Slot2 or MaskSlot)) is { } unknown)
            throw new SkTuningException($"The row template '{template}' holds {unknown.Value}, expected {Slot}, {Slot2} or {MaskSlot}; labels belong into the prompt.");
        return new(template);

        void Expect(string slot, int atLeast)
        {
            var count = template.Split(slot).Length - 1;
            if (count < atLeast || count > 1) throw new SkTuningException($"The row template '{template}' holds {slot} {(count == 0 ? "nowhere" : "more than once")}, expected {(atLeast == 0 ? "at most once" : "once")}.");
        }
    }

    /// <summary>The template with the mask token's own text in its place.</summary>
    public RowTemplate WithMask(string token) => new(_template.Replace(MaskSlot, token, StringComparison.Ordinal));

    /// <summary>The template with texts in it; they are never looked at for slots.</summary>
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

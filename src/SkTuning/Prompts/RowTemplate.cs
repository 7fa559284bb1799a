namespace SkTuning.Prompts;

/// <summary>What stands around each text: <c>before {text} after</c>. It belongs to the adapter.</summary>
internal sealed record RowTemplate
{
    private const string Slot = "{text}";

    private RowTemplate(string before, string after) => (Before, After) = (before, after);

    public string Before { get; }
    public string After { get; }

    public static RowTemplate Parse(string template)
    {
        var at = template.IndexOf(Slot, StringComparison.Ordinal);
        if (at < 0 || template.IndexOf(Slot, at + 1, StringComparison.Ordinal) >= 0)
            throw new SkTuningException($"The row template '{template}' holds {Slot} {(at < 0 ? "nowhere" : "more than once")}, expected once.");
        return new(template[..at], template[(at + Slot.Length)..]);
    }

    public string Fill(string text) => Before.Length == 0 && After.Length == 0 ? text : Before + text + After;

    public override string ToString() => Before + Slot + After;
}

namespace SkTuning.Tokenizers.Chat;

/// <summary>
/// The work and the depth that a rendering may take. Every node that is evaluated and everything that is made, such as an item of a list or a character of a
/// text, is counted before it is made, so that a template can use up neither time nor memory. The conversation itself adds to the budget.
/// </summary>
/// <param name="characters">The length of the texts that the caller passes.</param>
internal sealed class TemplateBudget(long characters)
{
    /// <summary>The cost of an item of a list, an entry of a dictionary, and a pass of a loop, compared with a node.</summary>
    public const int Item = 4, Entry = 16, Pass = 32;

    private const long Work = 3_000_000, WorkPerCharacter = 100;
    private const int MaxDepth = 200;

    private long _left = Work + WorkPerCharacter * characters;
    private int _depth;

    public void Spend(long work = 1)
    {
        _left -= work;
        if (_left < 0) throw TemplateError.While("runs too long");
    }

    /// <summary>Counts characters that are made.</summary>
    public void Make(long count) => Spend(1 + count / 2);

    /// <summary>Counts characters that are read or compared.</summary>
    public void Read(long count) => Spend(1 + count / 16);

    public void Items(long count) => Spend(1 + count * Item);

    public void Enter()
    {
        if (++_depth > MaxDepth) throw TemplateError.While("nests values too deeply");
    }

    public void Leave() => _depth--;
}

namespace SkTuning.Tokenizers.Text;

/// <summary>
/// The limits of one encoding or decoding. The steps of a tokenizer come from a file, which may define a normalizer that doubles the text again and again, or
/// an expression that takes exponential time. All steps of a text share one budget, which grows with the text.
/// </summary>
/// <param name="file">The file of the tokenizer, for messages.</param>
internal sealed class WorkBudget(string file)
{
    private const long MinSteps = 20_000_000;
    private const int StepsPerCharacter = 200, MaxStepsPerCharacter = 2_000;

    /// <summary>
    /// No step multiplies an ordinary text by more than 18, the longest compatibility decomposition of a character. Short texts may grow further, so that a
    /// prefix has room.
    /// </summary>
    private const int Growth = 64, LargestGrowth = 20, MinCharacters = 1 << 16, ManyCharacters = 1 << 21;

    private long _length, _steps, _made, _characters;

    /// <summary>Gets the number of characters that the steps may still make.</summary>
    public int CharactersLeft => (int)Math.Clamp(_characters - _made, 0, Array.MaxLength);

    /// <summary>Starts a text.</summary>
    public void Start(long length)
    {
        (_length, _steps, _made) = (length, 0, 0);
        _characters = Math.Min(Growth * length + MinCharacters, Math.Max(ManyCharacters, LargestGrowth * length));
    }

    /// <summary>Counts steps, each of which takes some nanoseconds.</summary>
    public void Spend(long steps)
    {
        _steps += steps;
        if (_steps > MinSteps + StepsPerCharacter * _length) throw TooLong("the tokenizer");
    }

    /// <summary>Returns the number of steps that are left for an expression, which may take more of them if it is long.</summary>
    public long StepsLeft(int size) => MinSteps + Math.Clamp(size, StepsPerCharacter, MaxStepsPerCharacter) * _length - _steps;

    /// <summary>Counts steps that were taken.</summary>
    public void Took(long steps) => _steps += steps;

    /// <summary>Counts characters that the steps made of a part of the text.</summary>
    public void Made(long characters)
    {
        _made += characters;
        if (_made > _characters) throw TooMuch();
    }

    public SkTuningException TooMuch()
        => new SkTuningFileException(
            $"{file}: the steps of the tokenizer make more than {_characters} characters of a text of {_length}, which is too much. "
            + "The file is damaged.", file);

    public SkTuningException TooLong(string what)
        => new SkTuningFileException($"{file}: {what} takes too many steps on this text of {_length} characters. "
            + "It cannot be used to split texts.", file);
}

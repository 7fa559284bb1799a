namespace SkTuning;

/// <summary>
/// What a frozen model reads before each text, and the words that it answers with: a candidate of <see cref="TrainingSession.FindInContext"/>.
/// </summary>
/// <param name="Instruction">The text before the demonstrations.</param>
/// <param name="Demonstrations">The demonstrations, in order.</param>
/// <param name="LabelWords">The word of each label.</param>
/// <param name="Prompt">The instruction and the demonstrations as one prompt (<see cref="AdapterOptions.Prompt"/>).</param>
public sealed record InContextPrompt(string Instruction, IReadOnlyList<Row> Demonstrations, IReadOnlyDictionary<string, string> LabelWords, string Prompt)
{
    /// <summary>Returns options that classify with this prompt and these words.</summary>
    /// <param name="options">The options of the search.</param>
    public TextClassifierOptions ApplyTo(TextClassifierOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with { Method = new ZeroShotOptions(), Prompt = Prompt, LabelWords = LabelWords };
    }
}

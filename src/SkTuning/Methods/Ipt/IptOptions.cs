using SkTuning.Methods;
using SkTuning.Methods.Ipt;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>Specifies how the vector of a token is computed.</summary>
public enum IptForm
{
    /// <summary>A trained table, in which a fixed hash of the token's id chooses the row. Tokens with the same hash share a row.</summary>
    Table,

    /// <summary>A small network over the frozen word embedding of the token.</summary>
    Encoder,
}

/// <summary>Specifies the tokens whose vectors a text gets.</summary>
public enum IptIds
{
    /// <summary>Those of the text itself.</summary>
    Own,

    /// <summary>
    /// Others, as a control: each id is moved through the vocabulary by a distance that follows from the whole text. The number of trained values and of
    /// different tokens in a text is the same, equal texts get equal tokens, and the same token becomes another one in each text.
    /// </summary>
    Shuffled,
}

/// <summary>
/// The options of instance-wise prompts (IPT, arXiv 2206.01958): prefix tuning, in which the keys and values of the first layer also depend on the tokens of
/// the text. What is added starts at zero.
/// </summary>
public sealed record IptOptions : TuningOptions
{
    /// <summary>How the vector of a token is computed. The default is <see cref="IptForm.Table"/>.</summary>
    public IptForm Form { get; init; }

    /// <summary>How the prefix is initialized. The default is <see cref="PrefixStart.Text"/>.</summary>
    public PrefixStart Start { get; init; } = PrefixStart.Text;

    /// <summary>
    /// The number of positions, from 1 to 4096: each gets the vector of the text's token at this position. A text start takes the first positions of the
    /// prompt, and no more than it has. The default is <see langword="null"/>: 20 for a random start, and the length of the prompt for a text start.
    /// </summary>
    public int? Tokens { get; init; }

    /// <summary>
    /// Whether the prefix of all layers is trained too, as in the paper. The default is <see langword="true"/>; otherwise, it remains the prompt's, which needs
    /// a text start.
    /// </summary>
    public bool TrainsPrefix { get; init; } = true;

    /// <summary>The factor of the vectors, above 0 and up to 100. The default is 0.05, as in the paper.</summary>
    public double Scale { get; init; } = 0.05;

    /// <summary>The number of rows of the table, from 1 to 1048576. The default is 4096.</summary>
    public int TableRows { get; init; } = 4096;

    /// <summary>The number of hidden units of the network, from 1 to 4096. The default is 16.</summary>
    public int Bottleneck { get; init; } = 16;

    /// <summary>The tokens whose vectors a text gets. The default is <see cref="IptIds.Own"/>.</summary>
    public IptIds Ids { get; init; }

    internal override void Validate()
    {
        Defined(nameof(Form), Form);
        Defined(nameof(Start), Start);
        Defined(nameof(Ids), Ids);
        Check(nameof(Tokens), Tokens, Tokens is null or (>= 1 and <= 4096), "1 to 4096");
        Check(nameof(Scale), Scale, Scale is > 0 and <= 100, "above 0, at most 100");
        Check(nameof(TableRows), TableRows, TableRows is >= 1 and <= 1 << 20, "1 to 1048576");
        CheckBottleneck(Bottleneck);
        Check(nameof(TrainsPrefix), TrainsPrefix, TrainsPrefix || Start == PrefixStart.Text, "true with a random start");

        void Defined<T>(string name, T value) where T : struct, Enum => Check(name, value, Enum.IsDefined(value), string.Join(", ", Enum.GetNames<T>()));
    }

    internal override double? OwnRate => Prefix.OwnRate;

    internal override int? PromptLayers => Prefix.PromptLayers;

    /// <summary>The prefix that the vectors are added to.</summary>
    internal PrefixTuningOptions Prefix => new() { Start = Start, Tokens = Tokens };

    internal override int Length(int promptTokens) => Prefix.Length(promptTokens);

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new IptMethod(this, config, prompt);
}

using System.Globalization;
using System.Text.Json.Nodes;

namespace SkTuning;

/// <summary>The number of one text.</summary>
public sealed record TextRegressorPrediction : TaskPrediction
{
    /// <summary>Gets the number, in the unit of the training rows; NaN if there is an <see cref="TaskPrediction.Error"/>.</summary>
    public required double Value { get; init; }

    /// <summary>The standard deviation of the training rows' numbers.</summary>
    internal double Deviation { get; init; } = 1;

    /// <summary>Returns 6 digits, or as many as it takes to see a thousandth of the deviation.</summary>
    private protected override string AnswerText()
    {
        const int Usual = 6, Max = 15, DigitsOfDeviation = 4;
        var ahead = Value == 0 ? 0 : Math.Clamp(Math.Ceiling(Math.Log10(Math.Abs(Value)) - Math.Log10(Deviation)), 0, Max);
        return Value.ToString($"G{Math.Clamp(DigitsOfDeviation + (int)ahead, Usual, Max)}", CultureInfo.InvariantCulture);
    }

    private protected override JsonObject AnswerJson() => new() { ["value"] = Value };
}

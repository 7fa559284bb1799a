using System.CommandLine;
using SkTuning.Tool.Commands;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tests.Tool;

/// <summary>The properties that the library names in its messages, as options of the command line.</summary>
public sealed class OptionTermsTests
{
    [Fact]
    public void Every_term_is_a_property_and_an_option_of_train()
    {
        using var interruption = new Interruption();
        var options = TrainCommand.Create(interruption).Options.Select(o => o.Name).ToHashSet();
        Assert.All(OptionTerms.Terms, term =>
        {
            var (type, property) = (term.Key.Split('.')[0], term.Key.Split('.')[1]);
            var owner = typeof(TextClassifierOptions).Assembly.GetTypes().First(t => t.Name == type);
            Assert.True(owner.GetProperty(property) is not null || typeof(TextClassifierOptions).GetProperty(property) is not null, term.Key);
            Assert.Contains(term.Value.Split(' ')[0], options);
        });
    }

    [Theory]
    [InlineData("TrainingOptions.Epochs is 0, expected 1 or more.", "--epochs is 0, expected 1 or more.")]
    [InlineData("Specify the levels (OrdinalClassifierOptions.Levels).", "Specify the levels (--levels).")]
    [InlineData("TokenClassifierOptions.MaxTokens is 0.", "--max-tokens is 0.")]
    [InlineData("LTuningOptions.Texts has no text.", "LTuningOptions.Texts has no text.")]
    public void Messages_name_the_options_of_the_command(string message, string expected)
    {
        using var interruption = new Interruption();
        Assert.Equal(expected, OptionTerms.Of(message, TrainCommand.Create(interruption)));
        Assert.Equal(message, OptionTerms.Of(message, new Command("other")));
    }
}

using System.CommandLine;
using SkTuning.Tool;
using SkTuning.Tool.Commands;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tests.Tool;

/// <summary>The properties that the library names in its messages, as options of the command line.</summary>
public sealed class OptionTermsTests
{
    [Fact]
    public void Every_term_is_a_property_and_an_option_of_a_command()
    {
        using var interruption = new Interruption();
        var options = All(Program.Root(interruption)).SelectMany(c => c.Options).Select(o => o.Name).ToHashSet();
        Assert.All(OptionTerms.Terms, term =>
        {
            var (type, property) = (term.Key.Split('.')[0], term.Key.Split('.')[1]);
            var owner = typeof(TextClassifierOptions).Assembly.GetTypes().First(t => t.Name == type);
            Assert.True(owner.GetProperty(property) is not null || typeof(TextClassifierOptions).GetProperty(property) is not null, term.Key);
            Assert.Contains(term.Value.Split(' ')[0], options);
        });
    }

    [Fact]
    public void Every_property_of_a_training_has_a_term()
    {
        // No option of the command line sets these.
        string[] none = ["AdapterOptions.Training", "TrainingOptions.HeadFirst", "TrainingOptions.DevFraction", "RejectionOptions.Neighbors"];
        var properties = ((Type[])[typeof(AdapterOptions), typeof(TrainingOptions), typeof(RejectionOptions)])
            .SelectMany(t => t.GetProperties().Where(p => p.CanWrite).Select(p => $"{t.Name}.{p.Name}"));
        Assert.Empty(properties.Except(none).Except(OptionTerms.Terms.Keys));
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    [Theory]
    [InlineData("TrainingOptions.Epochs is 0, expected 1 or more.", "--epochs is 0, expected 1 or more.")]
    [InlineData("Specify the levels (OrdinalClassifierOptions.Levels).", "Specify the levels (--levels).")]
    [InlineData("TokenClassifierOptions.MaxTokens is 0.", "--max-tokens is 0.")]
    [InlineData("LTuningOptions.Texts has no text.", "--set texts has no text.")]
    [InlineData("LoraOptions.Rank is 0, expected 1 or more.", "--set rank is 0, expected 1 or more.")]
    [InlineData("LabelAnchorsObjectiveOptions.Weight is 0.", "--objective-weight is 0.")]
    [InlineData("a: 'task_type' is SEQ_CLS, expected TOKEN_CLS: import it with the class for its task.",
        "a: 'task_type' is SEQ_CLS, expected TOKEN_CLS: specify its task with --task.")]
    [InlineData("SomeOptions.Other is 0.", "SomeOptions.Other is 0.")]
    public void Messages_name_the_options_of_the_command(string message, string expected)
    {
        using var interruption = new Interruption();
        Assert.Equal(expected, OptionTerms.Of(message, TrainCommand.Create(interruption)));
        Assert.Equal(message, OptionTerms.Of(message, new Command("other")));
    }
}

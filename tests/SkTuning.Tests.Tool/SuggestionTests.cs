using SkTuning.Tool;
using SkTuning.Tool.Hosting;

namespace SkTuning.Tests.Tool;

/// <summary>A misspelled name causes one message, which says what was probably meant.</summary>
public sealed class SuggestionTests
{
    [Theory]
    [InlineData("There is no command 'trian'. Did you mean 'train'?", "trian", "--train", "x.tsv")]
    [InlineData("There is no command 'improt'. Did you mean 'import'?", "adapter", "improt")]
    [InlineData("There is no option '--promt'. Did you mean '--prompt'?", "train", "--train", "x.tsv", "--promt", "p", "--out", "o")]
    [InlineData("There is no option '--trian'. Did you mean '--train'?", "train", "--trian", "x.tsv", "--out", "o")]
    [InlineData("There is no option '--adaptr'. Did you mean '--adapter'?", "predict", "--adaptr", "a", "text")]
    [InlineData("There is no option '--lables'. Did you mean '--labels'?", "adapter", "import", "--peft", "p", "--out", "o", "--lables=a,b")]
    [InlineData("There is no option '--xyzzy'. If it is not meant as an option, put -- before it.", "predict", "--adapter", "a", "--xyzzy")]
    [InlineData("Option '--head' is 'sematic', expected linear, semantic, ordinal, label-texts, prototypes, label-words, likelihood, hf. "
        + "Did you mean 'semantic'?",
        "train", "--train", "x.tsv", "--out", "o", "--head", "sematic")]
    [InlineData("Option '--pooling' is 'men', expected Mean, Last, First, Attention. Did you mean 'Mean'?",
        "train", "--train", "x.tsv", "--out", "o", "--pooling", "men")]
    [InlineData("Option '--epochs' is 'two', expected a whole number.", "train", "--train", "x.tsv", "--out", "o", "--epochs", "two")]
    [InlineData("Option '--seed' is '-1', expected a whole number that is not negative.", "train", "--train", "x.tsv", "--out", "o", "--seed", "-1")]
    [InlineData("Specify a command: merge, import, export, labels.", "adapter")]
    [InlineData("Specify either a plan, or '--init' with a file to write one to.", "compare")]
    public void A_mistake_is_one_sentence_in_the_terms_of_the_command_line(string expected, params string[] line)
        => Assert.Equal(expected, Assert.Single(Errors(line)));

    [Fact]
    public void A_method_and_its_settings_are_suggested()
    {
        Assert.EndsWith("or several joined by +. Did you mean 'sk-prefix'?",
            Assert.Single(Errors("train", "--train", "x.tsv", "--out", "o", "--method", "sk-prefx")));
        var setting = Assert.Throws<SkTuningException>(() => TuningOptions.Create("lora", [new("dropot", "0.1")]));
        Assert.Equal("The method lora has no setting 'dropot', expected targets, rank, alpha, rankStabilized, dropout. Did you mean 'dropout'?",
            setting.Message);
        var value = Assert.Throws<SkTuningException>(() => TuningOptions.Create("lora", [new("rank", "high")]));
        Assert.Equal("The setting rank of the method lora is 'high', expected a whole number.", value.Message);
    }

    [Theory]
    [InlineData("lara", "lora")]
    [InlineData("PROBE", "probe")]
    [InlineData("prefix-sk", null)]
    [InlineData("top", "top-layers")]
    [InlineData("x", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void The_nearest_name_is_found_or_none(string? name, string? expected)
        => Assert.Equal(expected, NameSuggestion.Nearest(name, ["lora", "probe", "top-layers", "sk-prefix"]));

    private static IReadOnlyList<string> Errors(params string[] line)
    {
        using var interruption = new Interruption();
        return Program.Errors(Program.Root(interruption).Parse(line));
    }
}

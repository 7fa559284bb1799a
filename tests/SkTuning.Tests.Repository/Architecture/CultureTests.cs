namespace SkTuning.Tests.Architecture;

public sealed class CultureTests
{
    [Theory]
    [InlineData("SkTuning.Abstractions")]
    [InlineData("SkTuning.Tokenizers")]
    [InlineData("SkTuning.Data")]
    [InlineData("SkTuning.Data.Csv")]
    [InlineData("SkTuning.Data.Parquet")]
    [InlineData("SkTuning")]
    [InlineData("SkTuning.Compare")]
    [InlineData("SkTuning.Baselines")]
    [InlineData("SkTuning.Reports")]
    [InlineData("SkTuning.Server")]
    [InlineData("SkTuning.Tool")]
    public void No_number_is_written_in_the_culture_of_the_machine(string project)
    {
        var found = new SourceProject(project).CultureDependentTexts();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}

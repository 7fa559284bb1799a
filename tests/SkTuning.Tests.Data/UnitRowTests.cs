namespace SkTuning.Tests.Data;

/// <summary>Files of discrete units: the name of a recording, its units and its label.</summary>
public sealed class UnitRowTests
{
    [Theory]
    [InlineData("a.wav|71 11 11 63|yes\nb.wav|5|no thanks\n")]
    [InlineData("a.wav\t71 11 11 63\tyes\r\n\r\nb.wav\t5\tno thanks")]
    [InlineData("\uFEFFa.wav | 71  11 11 063 | yes\nx\ty.wav|5|no thanks\n")]
    public void Pipes_or_tabs_separate_the_recording_its_units_and_its_label(string content)
    {
        using var file = new TemporaryFile(".units", content);
        Row[] rows = [new("71 11 11 63", "yes"), new("5", "no thanks")];
        Assert.Equal(rows, RowFile.Load(file.Path));
        Assert.Equal(["71 11 63", "5"], RowFile.Load(file.Path, new() { CollapseRepeats = true }).Select(r => r.Text));
        Assert.Equal(["71 11 11 63", "5"], RowFile.LoadTexts(file.Path));
        Assert.Equal("a.wav", RowFile.Load(file.Path, new() { GroupColumn = "file" })[0].Group);
    }

    [Fact]
    public void Without_labels_the_units_are_enough()
    {
        using var file = new TemporaryFile(".units", "1 2\na.wav|3 3 4\nb.wav|5|yes\n");
        Assert.Equal(["1 2", "3 3 4", "5"], RowFile.LoadTexts(file.Path));
        Assert.Equal([null, "a.wav", "b.wav"], RowFile.StreamUnlabeled(file.Path, new() { GroupColumn = "file" }).Select(r => r.Group));
    }

    [Theory]
    [InlineData("a|1 2|x\n\nb|1 2\n", "'line 3' is a row of 2 fields, expected 3 (file, units, label). "
        + "Fields are separated by | or, in a line without |, by single tabs.")]
    [InlineData("a|1 2|x\nb|1 two|x\n", "'line 2' is a row whose unit 2 is 'two', expected a whole number from 0 to 65535.")]
    [InlineData("a|1 -2|x\n", "'line 1' is a row whose unit 2 is '-2', expected a whole number from 0 to 65535.")]
    [InlineData("a|1 2.0|x\n", "'line 1' is a row whose unit 2 is '2.0', expected a whole number from 0 to 65535.")]
    [InlineData("a|65536|x\n", "'line 1' is a row whose unit 1 is '65536', expected a whole number from 0 to 65535.")]
    [InlineData("a| |x\n", "'line 1' is a row whose text is empty, expected whole numbers separated by spaces.")]
    [InlineData("a|1|\n", "'line 1' is a row whose 'label' is empty, expected a label.")]
    public void Bad_rows_are_refused_by_line_and_can_be_skipped(string content, string message)
    {
        using var file = new TemporaryFile(".units", content + "z|7|x\n");
        Assert.EndsWith(message, Assert.ThrowsAny<SkTuningException>(() => RowFile.Load(file.Path)).Message);
        var bad = new List<BadRow>();
        Assert.Equal("7", RowFile.Load(file.Path, new() { OnBadRow = bad.Add })[^1].Text);
        Assert.EndsWith(message, Assert.Single(bad).Reason);
    }

    [Fact]
    public void Only_the_recording_has_a_name_as_a_column()
    {
        using var file = new TemporaryFile(".units", "a|1|x\n");
        Assert.EndsWith("found the option GroupColumn with the column 'speaker', expected 'file', the name of the recording, in a file of units.",
            Assert.ThrowsAny<SkTuningException>(() => RowFile.Load(file.Path, new() { GroupColumn = "speaker" })).Message);
    }

    [Fact]
    public void The_most_frequent_unit_stands_for_the_most_frequent_label()
    {
        Row[] rows = [new("9 9 9 4 4 2 1", "no"), new("9 4 2 8", "yes"), new("9", "no"), new("3", "maybe")];
        Assert.Equal(new Dictionary<string, string> { ["no"] = "9", ["maybe"] = "4", ["yes"] = "2" }, UnitLabels.ByFrequency(rows));
        Assert.Equal("The rows have 2 labels and 1 different units, expected a unit for each label.",
            Assert.Throws<SkTuningException>(() => UnitLabels.ByFrequency([new("1", "a"), new("1 1", "b")])).Message);
        Assert.Equal("Row 2: unit 1 is 'x', expected a whole number from 0 to 65535.",
            Assert.Throws<SkTuningException>(() => UnitLabels.ByFrequency([new("1", "a"), new("x", "b")])).Message);
    }
}

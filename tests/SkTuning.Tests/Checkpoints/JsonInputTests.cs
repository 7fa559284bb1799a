namespace SkTuning.Tests.Checkpoints;

public class JsonInputTests
{
    [Theory]
    [InlineData("{\"a\": 1, \"a\": 2}", "'a' is specified twice")]
    [InlineData("{\"b\": {\"a\": 1, \"\\u0061\": 2}}", "'a' is specified twice")]
    [InlineData("{\"a\": \"\\uD800\"}", "not valid JSON")]
    [InlineData("{\"\\uD800\": 1}", "not valid JSON")]
    [InlineData("{\"a\": ", "not valid JSON")]
    [InlineData("[1]", "another JSON value")]
    [InlineData("null", "another JSON value")]
    [InlineData("", "not valid JSON")]
    public void What_would_fail_only_when_it_is_used_is_refused_when_it_is_read(string json, string message)
    {
        var e = Assert.Throws<SkTuningFileException>(() => JsonInput.ParseObject(json, "run/config.json"));
        Assert.Contains(message, e.Message);
        Assert.Equal("run/config.json", e.File);
    }

    [Fact]
    public void Comments_and_trailing_commas_are_read_only_in_files_that_people_write()
    {
        const string Written = "{ // a comment\n\"a\": [1, 2,], }";
        Assert.Single(JsonInput.ParseObject(Written, "plan.json", asWritten: true));
        Assert.Throws<SkTuningFileException>(() => JsonInput.ParseObject(Written, "plan.json"));
        Assert.Throws<SkTuningFileException>(() => JsonInput.ParseObject("{ \"a\": 1, /**/ \"a\": 2, }", "plan.json", asWritten: true));
    }

    [Fact]
    public void Deep_nesting_is_refused_and_the_same_name_in_two_objects_is_not()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 10_000)) + "1" + new string('}', 10_000);
        Assert.Throws<SkTuningFileException>(() => JsonInput.ParseObject(deep, "f"));
        Assert.Equal(2, JsonInput.ParseObject("\uFEFF{\"a\": {\"a\": 1}, \"b\": {\"a\": 2}}", "f").Count);
    }
}

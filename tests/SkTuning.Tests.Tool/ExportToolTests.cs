using System.Text.Json.Nodes;

namespace SkTuning.Tests.Tool;

/// <summary>Exported folders on the command line.</summary>
public sealed class ExportToolTests
{
    [Fact]
    public void An_exported_adapter_predicts_and_is_evaluated_like_the_adapter()
    {
        using var folder = new TemporaryFolder();
        string[] words = ["parcel", "card", "bill"], ends = ["", " please", " here", " late"];
        var rows = string.Concat(words.SelectMany(w => ends.Select(e => $"my {w}{e}\t{w}\n")));
        File.WriteAllText(folder["rows.tsv"], "text\tlabel\n" + rows);
        using (var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" }))
        using (var trained = TextClassifier.Train(model, RowFile.Load(folder["rows.tsv"]), new() { Method = new ProbeOptions() })) trained.Save(folder["a"]);
        string[] adapter = ["--model", Fixtures.MicroModel, "--adapter", folder["a"]];
        var exported = ToolRun.Of(["export", "--onnx", folder["e"], .. adapter, "--json"]);
        Assert.True(exported.ExitCode == 0, exported.Error);
        Assert.Equal("fp32", (string?)JsonNode.Parse(exported.Output)!["precision"]);
        var predicted = ToolRun.Of("predict", "--model", folder["e"], "my parcel please");
        Assert.True(predicted.ExitCode == 0, predicted.Error);
        Assert.Equal(ToolRun.Of(["predict", .. adapter, "my parcel please"]).Output[..^4], predicted.Output[..^4]);
        var evaluated = ToolRun.Of("evaluate", "--model", folder["e"], "--data", folder["rows.tsv"]);
        Assert.True(evaluated.ExitCode == 0, evaluated.Error);
        Assert.Equal(ToolRun.Of(["evaluate", .. adapter, "--data", folder["rows.tsv"]]).Output, evaluated.Output);
        var both = ToolRun.Of("predict", "--model", folder["e"], "--adapter", folder["a"], "my parcel");
        Assert.Equal(2, both.ExitCode);
        Assert.Contains("omit --adapter", both.Error);
        var neither = ToolRun.Of("predict", "--model", Fixtures.MicroModel, "my parcel");
        Assert.Equal(2, neither.ExitCode);
        Assert.Contains("Option '--adapter' is required", neither.Error);
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Tool.Output;

namespace SkTuning.Tests.Tool;

/// <summary>What info shows, to people and to scripts.</summary>
public sealed class InfoTests
{
    [Fact]
    public void Keys_are_in_camel_case_and_numbers_are_numbers()
    {
        var info = ToolRun.Of("info", "--model", Fixtures.Tiny, "--json");
        Assert.True(info.ExitCode == 0, info.Error);
        var json = JsonNode.Parse(info.Output)!.AsObject();
        Assert.Equal("0.107.0", (string?)json["torchSharp"]);
        Assert.Equal(JsonValueKind.Number, json["threads"]!.GetValueKind());
        Assert.Equal(("llama", 6_524_160, true), ((string?)json["model"]!["family"], (long)json["model"]!["parameters"]!, (bool)json["model"]!["causal"]!));
        Assert.All(Keys(json), key => Assert.Matches("^[a-z][A-Za-z0-9]*$", key));
        Assert.Empty(info.Error);

        static IEnumerable<string> Keys(JsonObject of) => of.SelectMany(p => p.Value is JsonObject inner ? Keys(inner).Prepend(p.Key) : [p.Key]);
    }

    [Fact]
    public void The_bundled_model_is_checked_if_no_other_is_specified()
    {
        var info = ToolRun.Of("info", "--check", "--json");
        Assert.True(info.ExitCode == 0, info.Error);
        var checks = JsonNode.Parse(info.Output)!["checks"]!.AsArray();
        Assert.Equal(3, checks.Count);
        Assert.All(checks, c => Assert.True((bool)c!["passed"]! && (double)c["difference"]! < 1e-4));
        Assert.StartsWith("Model: the bundled demo model", info.Error);
        Assert.Contains("\nCheck: ", ToolRun.Of("info", "--check", "--model", Fixtures.MicroModel).Output);
    }

    [Theory]
    [InlineData("SkTuning", "skTuning")]
    [InlineData(".NET", "dotnet")]
    [InlineData("CUDA", "cuda")]
    [InlineData("Keep freed memory (SK_MALLOC)", "keepFreedMemory")]
    [InlineData("MKL AVX-512 (SK_MKL_AVX512)", "mklAvx512")]
    [InlineData("OMP_WAIT_POLICY (SK_OMP_PASSIVE)", "ompWaitPolicy")]
    public void Names_become_keys(string name, string key) => Assert.Equal(key, InfoJson.Key(name));
}

using System.Globalization;
using SkTuning.Models;
using SkTuning.Models.Families;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>Writes the largest difference of each family from Hugging Face's values as a table, to the file that SKTUNING_PARITY_TABLE names.</summary>
public sealed class ParityTable
{
    [Fact]
    public void The_table_of_largest_differences_is_written_on_request()
    {
        var file = Environment.GetEnvironmentVariable("SKTUNING_PARITY_TABLE");
        Assert.SkipUnless(file is { Length: > 0 }, "SKTUNING_PARITY_TABLE names no file");
        List<string> lines = ["| family | config styles | hidden | logits | prefix | prefix gradient | prompt | prompt gradient |",
            "|---|---|---|---|---|---|---|---|"];
        var worst = 0.0;
        foreach (var family in Fixtures.Folders("models", "expected.safetensors", "model.safetensors").Where(f => ConfigOf(f) is not null))
        {
            using var scope = NewDisposeScope();
            using var p = new Parity(Path.Combine(Fixtures.Root, "models", family), "config.json");
            var row = Differences(p);
            worst = Math.Max(worst, row.Max(d => d ?? 0));
            var styles = File.Exists(Path.Combine(Fixtures.Root, "models", family, "config.v4.json")) && Same(family) ? "5, 4" : "5";
            var cells = row.Select(d => d is { } v ? v.ToString("0.0e-0", CultureInfo.InvariantCulture) : "-");
            lines.Add($"| {family} | {styles} | {string.Join(" | ", cells)} |");
        }
        File.WriteAllLines(file, lines);
        Assert.True(worst <= 1e-4, $"the largest difference is {worst:E2}");
    }

    /// <summary>Returns the traits of a fixture; null if its family is not supported.</summary>
    internal static ModelConfig? ConfigOf(string family, string config = "config.json")
    {
        var json = ConfigJson.Load(Path.Combine(Fixtures.Root, "models", family, config));
        return ModelFamily.Supported.Contains(json.Text("model_type")) ? ModelFamily.Of(json).Read(json) : null;
    }

    private static bool Same(string family) => Traits.Hash(ConfigOf(family)!) == Traits.Hash(ConfigOf(family, "config.v4.json")!);

    /// <summary>Returns the largest |a-b| / max(1,|b|) over single rows, if the fixture has the values.</summary>
    private static double?[] Differences(Parity p)
    {
        double hidden = 0, logits = 0;
        for (var r = 0; r < p.Lengths.Length; r++)
        {
            using var off = no_grad();
            var states = p.Transformer.Forward(new() { Ids = p.Row(r) }).Hidden;
            hidden = Math.Max(hidden, Difference(p.ExpectedRow("hidden", r), states[0]));
            if (p.Expected.ContainsKey("logits")) logits = Math.Max(logits, Difference(p.ExpectedRow("logits", r), p.Transformer.Logits(states)[0]));
        }
        var (prefix, prefixGradient) = Injected(p, "prefix", p.Prefix);
        var (prompt, promptGradient) = Injected(p, "prompt", p.Prompt);
        return [hidden, p.Expected.ContainsKey("logits") ? logits : null, prefix, prefixGradient, prompt, promptGradient];
    }

    private static (double?, double?) Injected(Parity p, string slot, Func<Tensor, Injection> inject)
    {
        if (!p.Expected.ContainsKey(slot + "_hidden")) return (null, null);
        var value = p.Expected[slot].clone().requires_grad_(true);
        var (worst, loss) = (0.0, zeros(1));
        for (var r = 0; r < p.Lengths.Length; r++)
        {
            var text = p.Transformer.Forward(new() { Ids = p.Row(r), Injection = inject(value) }).Text[0];
            worst = Math.Max(worst, Difference(p.ExpectedRow(slot + "_hidden", r), text));
            loss = loss + (text * p.ExpectedRow("probe", r)).sum();
        }
        loss.backward();
        return (worst, Difference(p.Expected[slot + "_grad"], value.grad!));
    }

    private static double Difference(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (a, b) = (actual.to_type(ScalarType.Float64), expected.to_type(ScalarType.Float64));
        return ((a - b).abs() / b.abs().clamp_min(1)).max().item<double>();
    }
}

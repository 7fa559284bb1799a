using System.Text.Json;

namespace SkTuning.Tests.Tool;

/// <summary>The commands data pick and data check.</summary>
public sealed class DataPickTests
{
    private static string Rows(string split) => Path.Combine(Fixtures.Repository, "assets", "data", "support", split + ".tsv");

    [Fact]
    public void Rows_to_label_are_printed_with_their_identifiers_and_reasons()
    {
        using var folder = new TemporaryFolder();
        var rows = File.ReadAllLines(Rows("dev")).Skip(1).Select(l => l.Split('\t')[0]).ToArray();
        File.WriteAllLines(folder["pool.csv"], ["ticket,text", .. rows.Select((text, i) => $"T-{i + 1},\"{text.Replace("\"", "\"\"")}\"")]);
        File.WriteAllLines(folder["known.tsv"], ["text\tlabel", $"{rows[0]}\tdelivery"]);
        string[] command = ["data", "pick", folder["pool.csv"], "--rows", "5", "--id-column", "ticket"];
        var run = ToolRun.Of([.. command, "--labeled", folder["known.tsv"], "--json"]);
        Assert.True(run.ExitCode == 0, run.Error);
        using var json = JsonDocument.Parse(run.Output);
        var picked = json.RootElement.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal(5, picked.Count);
        foreach (var row in picked)
        {
            var number = row.GetProperty("row").GetInt32();
            Assert.NotEqual(1, number);
            Assert.Equal($"T-{number}", row.GetProperty("id").GetString());
            Assert.Equal(rows[number - 1], row.GetProperty("text").GetString());
            Assert.Equal(number + 1, row.GetProperty("line").GetInt32());
        }
        var table = ToolRun.Of([.. command, "--candidates", "20"]);
        Assert.Equal(6, table.Output.Trim().ReplaceLineEndings("\n").Split('\n').Length);
        Assert.StartsWith("Row\tText\tWhy", table.Output);
        Assert.Contains($"20 of {rows.Length} rows were considered, drawn at random", table.Error);
    }

    [Fact]
    public void Options_that_do_not_fit_are_refused_in_the_terms_of_the_command_line()
    {
        Refused("--rows 0: expected 1 to", "--rows", "0");
        Refused("--candidates 5: expected 10 to", "--candidates", "5");
        Refused("Option '--uncertainty' requires '--adapter'", "--uncertainty", "entropy");
        Refused("--id-column", "--id-column", "nothing");

        static void Refused(string message, params string[] options)
        {
            var run = ToolRun.Of(["data", "pick", Rows("dev"), .. options]);
            Assert.NotEqual(0, run.ExitCode);
            Assert.Contains(message, run.Error);
        }
    }

    [Fact]
    public void A_flipped_label_is_listed_by_the_check_in_text_JSON_and_HTML()
    {
        using var folder = new TemporaryFolder();
        var lines = File.ReadAllLines(Rows("dev")).ToList();
        var original = lines[3].Split('\t');
        lines.Add($"{original[0]} !\t{(original[1] == "payment" ? "returns" : "payment")}");
        File.WriteAllLines(folder["rows.tsv"], lines);
        var run = ToolRun.Of("data", "check", folder["rows.tsv"], "--describe", $"{original[1]}=a text about it", "--html", folder["page.html"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("NEARLY THE SAME TEXT, DIFFERENT LABELS", run.Output);
        Assert.Contains($"4 = {lines.Count}\t{original[1]} / ", run.Output);
        Assert.Contains("MORE ROWS HELP MOST", run.Output);
        Assert.Contains("Probably wrong labels", File.ReadAllText(folder["page.html"]));

        var strict = ToolRun.Of("data", "check", folder["rows.tsv"], "--strict", "--json", "--folds", "3");
        Assert.Equal(1, strict.ExitCode);
        using var json = JsonDocument.Parse(strict.Output);
        Assert.Equal(3, json.RootElement.GetProperty("folds").GetInt32());
        Assert.Contains(json.RootElement.GetProperty("conflicts").EnumerateArray(), c => c.GetProperty("lines")[1].GetInt32() == lines.Count);
        Assert.Equal(json.RootElement.GetProperty("labels").GetArrayLength(), json.RootElement.GetProperty("needs").GetArrayLength());
    }
}

using System.Text.Json;

namespace SkTuning.Tests.Tool;

/// <summary>The output of data inspect for data with and without problems.</summary>
public sealed class DataInspectTests
{
    private static string Rows(string split) => Path.Combine(Fixtures.Repository, "assets", "data", "support", split + ".tsv");

    [Fact]
    public void A_test_row_planted_in_train_is_reported_with_its_lines()
    {
        using var folder = new TemporaryFolder();
        var train = File.ReadAllLines(Rows("train")).Take(41).ToList();
        var leaked = File.ReadAllLines(Rows("test"))[5].Split('\t');   // line 6
        train.Add($"{leaked[0].ToUpperInvariant()} !\t{leaked[1]}");    // line 42: nearly identical
        train.Add("no label on this line");
        train.Add($"\t{leaked[1]}");
        train.Add(train[1].Split('\t')[0] + "\tanother");              // line 45 conflicts with line 2
        File.WriteAllLines(folder["train.tsv"], train);

        var run = ToolRun.Of("data", "inspect", folder["train.tsv"], "--against", Rows("test"));
        Assert.True(run.ExitCode == 0, run.Error);
        var lines = run.Output.ReplaceLineEndings("\n").Split('\n');
        Assert.Contains("Rows\t43", lines);
        Assert.Contains($"Leaks: {Rows("test")}\t1 of {File.ReadAllLines(Rows("test")).Length - 1} rows also in another split", lines);
        Assert.Contains($"LEAKS: 1 row of {folder["train.tsv"]} also in other splits", lines);
        var excerpt = leaked[0][..Math.Min(80, leaked[0].Length)];
        Assert.Contains(lines, l => l.StartsWith($"  line 42 = {Rows("test")}, line 6: nearly identical, same label: \"{excerpt}"));
        Assert.Contains(lines, l => l.StartsWith($"  line 2 = line 45: identical, labels ") && l.Contains("another"));
        Assert.Contains("EMPTY TEXTS: 1 row", lines);
        Assert.Contains(lines, l => l.StartsWith($"  {folder["train.tsv"]}: 'line 43' is ", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("another\t1\t") && l.Contains('█'));

        var strict = ToolRun.Of("data", "inspect", folder["train.tsv"], "--against", Rows("test"), "--strict", "--json");
        Assert.Equal(1, strict.ExitCode);
        using var json = JsonDocument.Parse(strict.Output);
        var leak = Assert.Single(json.RootElement.GetProperty("leaks").EnumerateArray());
        Assert.Equal([42, 6], leak.GetProperty("places").EnumerateArray().Select(p => p.GetProperty("line").GetInt32()));
        Assert.Equal(1, json.RootElement.GetProperty("leakedRows").GetInt32());
        Assert.Equal(43, Assert.Single(json.RootElement.GetProperty("badRows").EnumerateArray()).GetProperty("line").GetInt32());
    }

    [Fact]
    public void Good_data_have_no_findings()
    {
        var run = ToolRun.Of("data", "inspect", Rows("dev"), "--strict", "--max-tokens", "8");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("Duplicate rows\t0", run.Output);
        Assert.DoesNotContain("LEAKS", run.Output);
        Assert.Contains("Longer than 8 tokens\t", run.Output);
    }

    [Fact]
    public void A_language_that_the_model_does_not_know_and_labels_with_one_row_are_reported()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["ja.csv"], "text;label\n返品したいのですが;返品\n返金してください;返品\n荷物が届きません;配達\n");
        var run = ToolRun.Of("data", "inspect", folder["ja.csv"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("Hint: the model splits these texts into 3.0 tokens per character", run.Output);
        Assert.Contains("LABELS WITH ONE ROW\n  配達\n", run.Output.ReplaceLineEndings("\n"));
        using var json = JsonDocument.Parse(ToolRun.Of("data", "inspect", folder["ja.csv"], "--json").Output);
        Assert.Equal(3, json.RootElement.GetProperty("tokens").GetProperty("perCharacter").GetDouble(), 0.2);
        Assert.Equal("配達", Assert.Single(json.RootElement.GetProperty("labelsWithOneRow").EnumerateArray()).GetString());

        var english = ToolRun.Of("data", "inspect", Rows("dev"));
        Assert.Matches(@"\nTokens per character\t0\.[23]\d\r?\n", english.Output);
        Assert.DoesNotContain("Hint:", english.Output);
    }

    [Fact]
    public void Tagged_words_and_scores_are_inspected_too()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["s.conll"], "Ada\tB-PER\nflies\tO\n\nRome\tB-LOC\n\nada\tB-PER\nFlies\tO\n");
        var tokens = ToolRun.Of("data", "inspect", folder["s.conll"], "--task", "tokens", "--json");
        Assert.True(tokens.ExitCode == 0, tokens.Error);
        using var json = JsonDocument.Parse(tokens.Output);
        Assert.Equal(3, json.RootElement.GetProperty("rows").GetInt32());
        Assert.Equal("PER", json.RootElement.GetProperty("labels")[0].GetProperty("label").GetString());
        Assert.Equal(1, json.RootElement.GetProperty("duplicateRows").GetInt32());

        File.WriteAllText(folder["p.tsv"], "a\tb\tscore\nx\ty\t0\nx\tz\t5.0\nu\tv\t2.5\nx\tz\t5\n");
        var scores = ToolRun.Of("data", "inspect", folder["p.tsv"], "--task", "regression",
            "--text-column", "a", "--text2-column", "b", "--label-column", "score");
        Assert.True(scores.ExitCode == 0, scores.Error);
        Assert.Contains("Scores\t0 to 5, mean 3.125", scores.Output);
        Assert.Contains("Conflicting labels\t0 texts", scores.Output);
        Assert.Contains("Pairs of texts\t4", scores.Output);
        Assert.Contains("2.5 to 3\t1\t25.0%", scores.Output);
    }

    [Fact]
    public void Bad_rows_are_skipped_counted_and_written_beside_the_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder["rows.tsv"],
            ["id\tmessage\ttopic", .. Enumerable.Range(0, 12).Select(i => $"{i / 2}\t{(i % 2 == 0 ? "a good thing" : "a bad thing")} {i}\t{i % 2}"), "broken"]);
        string[] columns = ["--text-column", "message", "--label-column", "topic", "--label-map", "0=good", "--label-map", "1=bad"];
        string[] train =
        [
            "train", "--train", folder["rows.tsv"], .. columns, "--group-column", "id", "--prompt", "Good or bad?", "--epochs", "1",
            "--out", folder["a"], "--json",
        ];
        var stopped = ToolRun.Of(train);
        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains("'line 14'", stopped.Error);

        var run = ToolRun.Of([.. train, "--bad-rows", "skip"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains($"warning: 1 row could not be read and was skipped: see {folder["rows.tsv"]}.bad.jsonl", run.Error);
        using var bad = JsonDocument.Parse(File.ReadAllText(folder["rows.tsv"] + ".bad.jsonl"));
        Assert.Equal(14, bad.RootElement.GetProperty("line").GetInt32());
        Assert.Equal("broken", bad.RootElement.GetProperty("content").GetString());
        using var report = JsonDocument.Parse(run.Output);
        // whole groups are the parts of the cross-validation
        Assert.Equal((12, 0), (report.RootElement.GetProperty("trainRows").GetInt32(), report.RootElement.GetProperty("devRows").GetInt32()));

        File.WriteAllText(folder["dev.jsonl"], "{\"message\":\"a bad thing\",\"topic\":1}\n{}\n");
        var evaluated = ToolRun.Of(["evaluate", "--adapter", folder["a"], "--data", folder["dev.jsonl"], .. columns,
            "--bad-rows", "skip", "--bad-rows-file", folder["left.jsonl"], "--json"]);
        Assert.True(evaluated.ExitCode == 0, evaluated.Error);
        Assert.Single(File.ReadAllLines(folder["left.jsonl"]));
        Assert.Equal(2, ToolRun.Of("evaluate", "--adapter", folder["a"], "--data", folder["dev.jsonl"], "--bad-rows-file", "x").ExitCode);
    }
}

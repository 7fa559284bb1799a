using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SkTuning.Diagnostics;
using SkTuning.Fuzz.Running;

namespace SkTuning.Fuzz.Readers;

/// <summary>Rows in TSV, CSV or JSONL: read strictly, read past bad rows, read as texts, and inspected.</summary>
internal sealed partial class RowsReader(string name, string extension) : Reader
{
    public override string Name => name;

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        (string Text, string Text2, string Label)[] rows =
        [
            ("where is my parcel", "it's late", "box"), ("caf\u00E9 \u4E2D\u6587 \U0001F600", "b", "money"), ("a \"quoted\" text, with commas", "", "box"),
            ("12345", "x", "0.5"),
        ];
        var many = Enumerable.Range(0, 40)
            .SelectMany(i => rows.Select(r => r with { Text = r.Text + (i * 7 % 40).ToString(CultureInfo.InvariantCulture) })).ToArray();
        yield return Make("four", rows, "text", "text2", "label");
        yield return Make("many", many, "text", "text2", "label");
        yield return Make("numbers", [.. rows.Select((r, i) => r with { Label = (i * 1.5).ToString(CultureInfo.InvariantCulture) })], "text", "text2", "label");
        if (extension == ".jsonl")
            yield return File_("lists", "{\"text\":\"a b\",\"label\":[\"x\",\"y\"]}\n{\"text\":\"c\",\"label\":[]}\n{\"text\":\"d\",\"label\":1.5}\n");
    }

    public override void Use(string folder, Use use) => Read(Path.Combine(folder, "rows" + extension), use);

    /// <summary>Reads a file of rows in all ways; labels that are numbers must be finite.</summary>
    public static void Read(string file, Use use)
    {
        var bad = 0;
        foreach (var options in (RowFileOptions[])[new(), new() { LabelSeparator = "," }, new() { HasHeader = false }])
        {
            var tolerant = options with { OnBadRow = _ => bad++ };
            try
            {
                var rows = RowFile.Load(file, tolerant);
                foreach (var row in rows)
                {
                    if (row.Labels.FirstOrDefault(l => l is "NaN" or "Infinity" or "-Infinity") is { } label && !NaNText(file))
                        throw new NotFiniteException($"a label is {label}");
                    try { Running.Use.Number("Row.Score", row.Score(file)); }
                    catch (SkTuningException) { }
                    catch (InvalidOperationException) when (row.Labels.Count != 1) { }
                }
                if (rows.Count > 0) DataInspection.Of("rows", rows);
            }
            catch (SkTuningException) when (options.LabelSeparator is not null || !options.HasHeader) { }
        }
        foreach (var row in RowFile.StreamUnlabeled(file, new() { OnBadRow = _ => bad++ })) Running.Use.Holds(row.Text is not null, "a row without text");
        RowFile.Load(file);
        use.Loaded();
    }

    /// <summary>Whether the file itself has the word as text.</summary>
    private static bool NaNText(string file) => Words().IsMatch(Encoding.Latin1.GetString(File.ReadAllBytes(file))) && Path.GetExtension(file) != ".parquet";

    private Seed Make(string title, (string Text, string Text2, string Label)[] rows, params string[] columns)
    {
        IEnumerable<string> lines = extension switch
        {
            ".jsonl" => rows.Select(r => $"{{\"text\":{Json(r.Text)},\"text2\":{Json(r.Text2)},"
                + $"\"label\":{(Number().IsMatch(r.Label) ? r.Label : Json(r.Label))}}}"),
            ".csv" => rows.Select(r => string.Join(',', Quoted(r.Text), Quoted(r.Text2), Quoted(r.Label)))
                .Prepend(string.Join(',', columns)),
            _ => rows.Select(r => $"{r.Text}\t{r.Text2}\t{r.Label}").Prepend(string.Join('\t', columns)),
        };
        return File_(title, string.Join('\n', lines) + "\n");
    }

    private Seed File_(string title, string text)
        => new(title, new Dictionary<string, byte[]> { ["rows" + extension] = Encoding.UTF8.GetBytes(text) }, ["rows" + extension]);

    private static string Quoted(string field) => $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Json(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    [GeneratedRegex("NaN|Infinity")]
    private static partial Regex Words();

    [GeneratedRegex(@"^[\d.]+$")]
    private static partial Regex Number();
}

/// <summary>Rows and words with tags in Parquet.</summary>
internal sealed class ParquetReader : Reader
{
    private static readonly string[] Labels = ["label", "labels", "score", "flag", "raw", "half", "holes"];

    public override string Name => "parquet";
    public override int Weight => 4;

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        var arrow = File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "SkTuning.Tests.Data", "arrow.parquet"));
        yield return new("arrow", new Dictionary<string, byte[]> { ["rows.parquet"] = arrow }, ["rows.parquet"]);
    }

    public override void Use(string folder, Use use)
    {
        var (file, bad) = (Path.Combine(folder, "rows.parquet"), 0);
        RowsReader.Read(file, use);
        foreach (var label in Labels)
        {
            foreach (var row in RowFile.Load(file, new() { LabelColumn = label, OnBadRow = _ => bad++ }))
                if (row.Labels.Any(l => l is "NaN" or "Infinity" or "-Infinity")) throw new NotFiniteException("a label is not a number");
        }
        TokenRowFile.Load(file, new() { TagsColumn = "ner", OnBadRow = _ => bad++ });
    }
}

/// <summary>Words with tags, one on each line.</summary>
internal sealed class ConllReader : Reader
{
    public override string Name => "conll";

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        const string text = "-DOCSTART- -X- O O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\n"
            + "Ada NNP B-NP B-PER\nLovelace NNP I-NP I-PER\nschl\u00E4ft VB B-VP O\n\n";
        yield return new("spaces", new Dictionary<string, byte[]> { ["rows.conll"] = Encoding.UTF8.GetBytes(text) }, ["rows.conll"]);
        yield return new("tabs", new Dictionary<string, byte[]> { ["rows.conll"] = "Ada\tB-PER\nL.\tI-PER\n\nis\tO\n\n"u8.ToArray() }, ["rows.conll"]);
    }

    public override void Use(string folder, Use use)
    {
        var (file, bad) = (Path.Combine(folder, "rows.conll"), 0);
        foreach (var row in TokenRowFile.Load(file, new() { OnBadRow = _ => bad++ }))
            Running.Use.Holds(row.Words.Count == row.Tags.Count, "words without tags");
        TokenRowFile.Load(file);
        use.Loaded();
    }
}

/// <summary>The file of --describe, through the command.</summary>
internal sealed class LabelDescriptionsReader : Reader
{
    public override string Name => "descriptions";
    public override IReadOnlyList<string> Names => ["label descriptions"];                       // too long together, which is no fault of the file
    public override int Weight => 1;

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        var files = new Dictionary<string, byte[]>
        {
            ["labels.txt"] = "box=where is my parcel\nmoney = the bill is paid\n"u8.ToArray(),
            ["rows.tsv"] = Encoding.UTF8.GetBytes("text\tlabel\n" + string.Concat(Micro.Rows.Select(r => $"{r.Text}\t{r.Label}\n"))),
        };
        yield return new("two", files, ["labels.txt"]);
        files = new(files) { ["labels.txt"] = """{"box":["where is my parcel","the box"],"money":"the bill is paid"}"""u8.ToArray() };
        yield return new("json", files, ["labels.txt"]);
    }

    public override void Use(string folder, Use use)
    {
        string In(string name) => Path.Combine(folder, name);
        var error = new StringWriter();
        Console.SetError(error);
        try
        {
            string[] arguments =
            [
                "train", "--model", Repository.MicroModel, "--train", In("rows.tsv"), "--dev", In("rows.tsv"), "--prompt", Micro.Prompt,
                "--method", "sk-prefix", "--device", "cpu", "--epochs", "1", "--max-steps", "1", "--describe", In("labels.txt"), "--out", In("out"),
            ];
            var exit = (int)System.Reflection.Assembly.Load("SkTuning.Tool").EntryPoint!.Invoke(null, [arguments])!;
            if (exit == 0) return;
            var message = error.ToString().Trim().Split('\n').FirstOrDefault(l => l.StartsWith("error:", StringComparison.Ordinal)) ?? error.ToString();
            Running.Use.Holds(!message.Contains("unexpected", StringComparison.Ordinal), $"sktuning train: {message}");
            throw new SkTuningException(message);
        }
        finally { Console.SetError(TextWriter.Null); }
    }
}

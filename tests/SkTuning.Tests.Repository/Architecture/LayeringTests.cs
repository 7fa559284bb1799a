namespace SkTuning.Tests.Architecture;

/// <summary>
/// Dependencies between the folders of a project follow one direction. <see cref="Layers"/> is the only place that states it: a folder may use the
/// folders before it, never one after it.
/// </summary>
public sealed class LayeringTests
{
    /// <summary>The folders of each project, lowest first. The empty name stands for the files of the project itself.</summary>
    private static readonly OrderedDictionary<string, string[]> Layers = new()
    {
        ["SkTuning.Tokenizers"] = ["Text", "Regex", "Decoders", "PreTokenizers", "Normalizers", "SubwordModels", "Processors", "AddedTokens", "Chat",
            "Sources", ""],
        ["SkTuning.Data"] = ["Rows", "Clusters", "Metrics", "Readers"],
        ["SkTuning.Predictions"] = ["Batches", "Prompts", "Decisions", "Results", "Answers", "Exports"],
        ["SkTuning.OnnxRuntime"] = ["Running", ""],
        ["SkTuning"] =
        [
            "Native", "Checkpoints", "Models", "Hub", "Batches", "Prompts", "Tasks", "Objectives", "Heads", "Methods", "Decisions", "Adapters", "Training",
                "Classifiers", "Exports", "Diagnostics", "Peft", "Pretraining",
        ],
        ["SkTuning.Compare"] = ["Plans", "Results", "Running", "Output"],
        ["SkTuning.Reports"] = ["Formatting", "Pictures", "Html", "Runs", "Comparisons", ""],
        ["SkTuning.Serving"] = ["Telemetry", "Engine", "Embeddings", "Decide", "Hosting"],
        ["SkTuning.ML"] = ["Rows", "Storage", ""],
        ["SkTuning.Onnx"] = ["Format", "Graphs", "Layers", "Heads", ""],
        ["SkTuning.Server"] = ["Settings", "Http", "Security", "Storage", "Telemetry", "Catalog", "Endpoints", ""],
        ["SkTuning.Tool"] = ["Hosting", "Output", "Commands", ""],
    };

    public static IEnumerable<TheoryDataRow<string>> Projects() => Layers.Keys.Select(p => new TheoryDataRow<string>(p));

    [Theory, MemberData(nameof(Projects))]
    public void A_folder_uses_only_the_folders_before_it(string project)
    {
        var source = new SourceProject(project);
        var order = Layers[project];
        Assert.Equal([], source.Files.Select(source.Folder).Distinct().Except(order));
        var uses = source.Uses();
        Print(project, order, uses);
        var wrong = uses.Where(u => Array.IndexOf(order, u.To) > Array.IndexOf(order, u.From)).ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} uses of a higher folder:\n"
            + string.Join('\n', wrong.Select(u => $"{Path.GetRelativePath(Fixtures.Repository, u.File)}:{u.Line}: {u.From} uses {u.Symbol} of {u.To}")));
        Assert.All(Components(order, uses), c => Assert.Single(c));
    }

    [Fact]
    public void The_architecture_page_shows_the_same_order()
    {
        var page = File.ReadAllText(Path.Combine(Fixtures.Repository, "docs", "architecture.md"));
        foreach (var (project, order) in Layers) Assert.Contains($"| `{project}` | {string.Join(" → ", order.Where(f => f.Length > 0))} |", page);
    }

    /// <summary>Prints who uses whom: rows use columns. With SKTUNING_LAYER_TABLE the table is also appended to that file (eng/layers.sh).</summary>
    private static void Print(string project, string[] order, IReadOnlyList<FolderUse> uses)
    {
        var counts = uses.CountBy(u => (u.From, u.To)).ToDictionary();
        var lines = new List<string> { $"{project}: rows use columns", $"{"",-14}" + string.Concat(order.Select(f => $"{Short(f),6}")) };
        foreach (var from in order)
            lines.Add($"{Name(from),-14}" + string.Concat(order.Select(to => $"{(counts.TryGetValue((from, to), out var n) ? n : "."),6}")));
        var components = Components(order, uses);
        lines.Add($"{components.Count} strongly connected components of {order.Length} folders, the largest of {components.Max(c => c.Count)}");
        var text = string.Join('\n', lines) + "\n\n";
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        if (Environment.GetEnvironmentVariable("SKTUNING_LAYER_TABLE") is { Length: > 0 } file) File.AppendAllText(file, text);

        static string Name(string folder) => folder.Length == 0 ? "(project)" : folder;

        static string Short(string folder) => Name(folder)[..Math.Min(5, Name(folder).Length)];
    }

    /// <summary>Returns the strongly connected components: folders that reach each other.</summary>
    private static List<List<string>> Components(string[] folders, IReadOnlyList<FolderUse> uses)
    {
        var next = uses.Select(u => (u.From, u.To)).Distinct().ToLookup(u => u.From, u => u.To);
        var reached = folders.ToDictionary(f => f, f => Reach(f));
        var components = new List<List<string>>();
        foreach (var folder in folders)
            if (components.Find(c => reached[folder].Contains(c[0]) && reached[c[0]].Contains(folder)) is { } same) same.Add(folder);
            else components.Add([folder]);
        return components;

        HashSet<string> Reach(string from)
        {
            var (seen, waiting) = (new HashSet<string>(), new Stack<string>([from]));
            while (waiting.TryPop(out var at))
                foreach (var to in next[at])
                    if (seen.Add(to)) waiting.Push(to);
            return seen;
        }
    }
}

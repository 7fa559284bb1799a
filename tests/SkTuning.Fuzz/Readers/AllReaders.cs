using SkTuning.Fuzz.Running;

namespace SkTuning.Fuzz.Readers;

/// <summary>The list of everything the product reads.</summary>
internal static class AllReaders
{
    public static IReadOnlyList<Reader> All { get; } =
    [
        new SafetensorsReader(), new ShardsReader(), new PickleReader(), new GgufReader(), new ConfigReader(),
        new TokenizerJsonReader(), new TokenizerConfigReader(), new SentencePieceReader(), new VocabularyReader(), new ChatTemplateReader(),
        new AdapterReader(), new SealedAdapterReader(), new PeftReader(), new ExportReader(), new SealedExportReader(),
        new ForgedExportReader(),
        new RowsReader("tsv", ".tsv"), new RowsReader("csv", ".csv"), new RowsReader("jsonl", ".jsonl"), new ParquetReader(), new ConllReader(),
        new LabelDescriptionsReader(), new RunReader(), new PlanReader(), new ComparisonReader(), new HubReader(),
    ];

    public static Reader Get(string name) => All.FirstOrDefault(r => r.Name == name)
        ?? throw new SkTuningException($"There is no reader '{name}', expected {string.Join(", ", All.Select(r => r.Name))}.");
}

using System.Globalization;

namespace SkTuning.Fuzz.Running;

/// <summary>A fault of the product: the input that shows it, saved in a folder of its own.</summary>
internal sealed record Finding(string Reader, ulong Seed, int Index, Outcome Outcome, string Folder)
{
    private const string Text = "finding.txt", Input = "input";

    /// <summary>What findings have in common that have the same cause.</summary>
    public string Group => $"{Reader}: {Outcome.Kind}: {Outcome.Head}";

    public string Line => string.Create(CultureInfo.InvariantCulture,
        $"{Reader} {Index}: {Outcome.Kind}, {Outcome.Head} ({Outcome.Milliseconds} ms, {Outcome.Growth >> 20} MB): {Folder}");

    public static Finding Save(string artifacts, Reader reader, IReadOnlyList<Seed> seeds, ulong seed, int index, Outcome outcome)
    {
        var input = InputCase.Create(reader, seeds, seed, index);
        var folder = Path.Combine(artifacts, string.Create(CultureInfo.InvariantCulture, $"{reader.Name}-{seed}-{index}"));
        InputCase.Write(input.Files, Path.Combine(folder, Input));
        var finding = new Finding(reader.Name, seed, index, outcome, folder);
        File.WriteAllText(Path.Combine(folder, Text), string.Create(CultureInfo.InvariantCulture, $"""
            reader: {reader.Name}
            outcome: {outcome.Kind}, {outcome.Head}
            time and memory: {outcome.Milliseconds} ms, {outcome.Growth >> 20} MB
            valid input: {input.Seed}
            damage: {string.Join("\n        ", input.Log)}
            reproduce: dotnet run --project tests/SkTuning.Fuzz -c Release -- --replay {folder}
               or: dotnet run --project tests/SkTuning.Fuzz -c Release -- --reader {reader.Name} --seed {seed} --index {index}

            {outcome.Message}

            """));
        return finding;
    }

    /// <summary>The reader's name and the files of a saved finding.</summary>
    public static (string Reader, string Input) Read(string folder)
    {
        var file = Path.Combine(folder, Text);
        if (!File.Exists(file)) throw new SkTuningException($"{file}: does not exist, expected a saved finding.");
        return (File.ReadLines(file).First().Replace("reader: ", "", StringComparison.Ordinal), Path.Combine(folder, Input));
    }
}

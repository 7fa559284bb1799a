using System.Globalization;

namespace SkTuning.Fuzz.Running;

/// <summary>What the command line asks for.</summary>
internal sealed record Arguments
{
    public const string Usage = """
        dotnet run --project tests/SkTuning.Fuzz -c Release -- [options]
          --count N          inputs over all readers (2000)
          --seed S           the seed of the damage (1)
          --reader NAME      only this reader; can be repeated
          --index I          only this input of each reader
          --minutes M        stop after this many minutes
          --workers N        processes (one for each core, at most 4)
          --artifacts DIR    where findings are saved (artifacts/fuzz)
          --replay DIR       run the input of a saved finding again
          --list             print the readers
        """;

    public int Count { get; private init; } = 2000;
    public ulong Seed { get; private init; } = 1;
    public IReadOnlyList<string> Readers { get; private init; } = [];
    public int? Index { get; private init; }
    public double Minutes { get; private init; } = double.PositiveInfinity;
    public int Workers { get; private init; } = Math.Min(Environment.ProcessorCount, 4);
    public string Artifacts { get; private init; } = Path.Combine(Fuzz.Readers.Repository.Root, "artifacts", "fuzz");
    public string? Replay { get; private init; }
    public string? Worker { get; private init; }
    public bool List { get; private init; }

    public static Arguments Parse(string[] args)
    {
        var result = new Arguments();
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i];
            string Value() => ++i < args.Length ? args[i] : throw new SkTuningException($"{name}: expected a value.");
            int Whole() => int.TryParse(Value(), CultureInfo.InvariantCulture, out var n) && n >= 0 ? n
                : throw new SkTuningException($"{name}: expected a number, 0 or more.");
            result = name switch
            {
                "--count" => result with { Count = Whole() },
                "--seed" => result with { Seed = (ulong)Whole() },
                "--reader" => result with { Readers = [.. result.Readers, Fuzz.Readers.AllReaders.Get(Value()).Name] },
                "--index" => result with { Index = Whole() },
                "--minutes" => result with { Minutes = Whole() },
                "--workers" => result with { Workers = Math.Max(1, Whole()) },
                "--artifacts" => result with { Artifacts = Path.GetFullPath(Value()) },
                "--replay" => result with { Replay = Value() },
                "--worker" => result with { Worker = Value() },
                "--list" => result with { List = true },
                _ => throw new SkTuningException($"{name}: unknown option.\n{Usage}"),
            };
        }
        return result;
    }
}

using SkTuning;
using SkTuning.Fuzz.Readers;
using SkTuning.Fuzz.Running;

// Damages valid inputs of everything the product reads, and looks at what happens: docs/robustness.md. Exit codes: 0 nothing found, 1 findings, 2 wrong usage.
try
{
    var arguments = Arguments.Parse(args);
    if (arguments.Worker is { } work) return Worker.Run(work);
    if (arguments.Replay is { } folder) return Campaign.Replay(folder);
    if (!arguments.List) return new Campaign(arguments).Run();
    foreach (var reader in AllReaders.All) Console.WriteLine(reader.Name);
    return 0;
}
catch (SkTuningException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

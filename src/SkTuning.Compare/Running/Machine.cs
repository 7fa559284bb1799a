using System.Runtime.InteropServices;

namespace SkTuning.Compare;

/// <summary>Describes the machine that a comparison runs on, without the machine's name.</summary>
internal static class Machine
{
    public static ComparisonMachine Describe(string device)
    {
        var facts = RuntimeSettings.Describe().ToDictionary(f => f.Key, f => f.Value);
        return new()
        {
            Processor = MachineInfo.Processor ?? "",
            Cores = MachineInfo.Cores,
            Threads = int.TryParse(facts.GetValueOrDefault("Threads"), out var threads) ? threads : 0,
            Device = device,
            System = $"{MachineInfo.OperatingSystem}, {RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}",
            Versions = string.Join(", ", ((string[])["SkTuning", "TorchSharp", ".NET"]).Select(n => $"{n} {facts.GetValueOrDefault(n, "?")}")),
        };
    }
}

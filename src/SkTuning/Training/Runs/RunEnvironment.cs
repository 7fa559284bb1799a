using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using TorchSharp;

namespace SkTuning.Training.Runs;

/// <summary>Describes the machine and the libraries that a run is computed with, for environment.json.</summary>
internal static class RunEnvironment
{
    /// <summary>Describes the machine.</summary>
    /// <param name="device">The device of the model.</param>
    /// <param name="earlier">The previous content of the file; null if the run is new.</param>
    public static JsonObject Describe(torch.Device device, JsonObject? earlier)
    {
        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        var resumed = earlier?["resumed"]?.DeepClone() as JsonArray ?? [];
        if (earlier is not null) resumed.Add((JsonNode)now);
        return new()
        {
            ["library"] = LibraryVersion.Text,
            ["torchSharp"] = typeof(torch).Assembly.GetName().Version?.ToString(3) ?? "?",
            ["torch"] = torch.__version__,
            ["dotnet"] = Environment.Version.ToString(),
            ["os"] = MachineInfo.OperatingSystem,
            ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
            ["cpu"] = MachineInfo.Processor ?? "unknown",
            ["cores"] = MachineInfo.Cores,
            ["threads"] = torch.get_num_threads(),
            ["memory"] = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            ["device"] = device.ToString(),
            ["started"] = earlier?["started"]?.DeepClone() ?? now,
            ["resumed"] = resumed,
        };
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using SkTuning.Compare;
using SkTuning.Reports.Runs;
using SkTuning.Tool.Tasks;
using SkTuning.Training.Runs;

namespace SkTuning.Tool.Commands;

/// <summary>--lr auto.</summary>
internal static class LearningRateSearch
{
    /// <summary>The rate for a run: that of the run which is resumed, or the best of a short test.</summary>
    public static double Run(TuningSweep sweep, ToolTask task, TrainRequest request, CancellationToken cancel)
    {
        var loop = request.Arguments.Loop.Read(request.Parsed);
        if (loop is { Resume: true, RunFolder: { } folder } && File.Exists(Path.Combine(folder, "config.json"))
            && JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))?["training"]?["learningRate"]?.GetValue<double>() is { } before) return before;
        var rate = sweep.FindLearningRate((_, options) => task.Train(request with { Change = _ => options }, null, cancel), loop, atOnce: 0);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"learning rate: {rate}"));
        return rate;
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Training.Runs;

namespace SkTuning.Tool.Commands;

/// <summary>Implements --lr auto.</summary>
internal static class LearningRateSearch
{
    /// <summary>Returns the learning rate of the run to resume, or else the best one found by a few short trainings.</summary>
    public static double Run(TrainingSession session, TrainRequest request, CancellationToken cancellationToken)
    {
        var loop = request.Loop(session.Model);
        if (loop is { Resume: true, RunFolder: { } folder } && Path.Combine(folder, RunFiles.Config) is var config && File.Exists(config)
            && JsonInput.ReadObject(config)["training"] is JsonObject training && training["learningRate"] is JsonValue value
            && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<double>(out var stored) && stored is > 0 and < double.PositiveInfinity)
            return stored;
        var rate = session.FindLearningRate((shared, options) => request.Run(shared, _ => options, null, cancellationToken), loop, maxParallel: 0);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"learning rate: {rate}"));
        return rate;
    }
}

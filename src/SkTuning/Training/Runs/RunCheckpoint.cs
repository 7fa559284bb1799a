using System.Text.Json;
using SkTuning.Batches;
using SkTuning.Checkpoints;
using static TorchSharp.torch;

namespace SkTuning.Training.Runs;

/// <summary>Reads and writes everything that is needed to resume a run, in one safetensors file.</summary>
internal static class RunCheckpoint
{
    private const string StateKey = "state", Values = "parameters", Best = "best", MomentPrefix = "optimizer.", StepsKey = "optimizerSteps";

    public static void Write(string folder, TrainingState state, ParameterSet parameters, Optimizer? optimizer, Tensor? best)
    {
        List<(string, Tensor)> tensors = [(Values, parameters.Values)];
        if (best is not null) tensors.Add((Best, best));
        foreach (var (name, value) in optimizer?.Moments ?? []) tensors.Add((MomentPrefix + name, value));
        var metadata = new Dictionary<string, string>
        {
            [StateKey] = JsonSerializer.Serialize(state, TrainingJson.Default.TrainingState),
            [StepsKey] = FormattableString.Invariant($"{optimizer?.Steps ?? 0}"),
        };
        AtomicFile.Write(Path.Combine(folder, RunFiles.Checkpoint), (string temporary) => SafetensorsWriter.Write(temporary, tensors, metadata));
    }

    /// <summary>Reads the state from a folder's checkpoint; null if there is none yet.</summary>
    public static TrainingState? ReadState(string folder)
    {
        var path = Path.Combine(folder, RunFiles.Checkpoint);
        if (!File.Exists(path)) return null;
        using var file = new SafetensorsCheckpoint(path, copy: true);
        try { return JsonSerializer.Deserialize(file.Metadata.GetValueOrDefault(StateKey) ?? "", TrainingJson.Default.TrainingState); }
        catch (JsonException e)
        {
            throw SkTuningException.BadFile(path, StateKey, "not valid", "the state of a run",
                "The file is damaged, or was written by another version: start again in another folder.", e);
        }
    }

    /// <summary>Fills the parameters and the optimizer, and returns the best parameters, which the caller owns.</summary>
    public static Tensor? ReadTensors(string folder, ParameterSet parameters, Optimizer optimizer)
    {
        using var file = new SafetensorsCheckpoint(Path.Combine(folder, RunFiles.Checkpoint), copy: true);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        parameters.Restore(Read(Values));
        foreach (var (name, value) in optimizer.Moments)
            if (file.Entries.ContainsKey(MomentPrefix + name)) value.copy_(Read(MomentPrefix + name));
        optimizer.Steps = int.Parse(file.Metadata[StepsKey], System.Globalization.CultureInfo.InvariantCulture);
        return file.Entries.ContainsKey(Best) ? Read(Best).to(parameters.Values.device).clone().DetachFromDisposeScope() : null;

        Tensor Read(string name)
        {
            var entry = file.Entry(name);
            if (entry.StoredAs != "F32" || !entry.Shape.SequenceEqual([parameters.Count]))
            {
                throw SkTuningException.BadFile(file.Location, name, $"{entry.StoredAs} {entry.ShapeText}", $"F32 [{parameters.Count}]",
                    "The checkpoint belongs to another run.");
            }
            return file.Read(name);
        }
    }
}

using System.Text;
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
        var file = Path.Combine(folder, RunFiles.Checkpoint);
        AtomicFile.Write(file, (string temporary) => SafetensorsWriter.Write(temporary, tensors, metadata), keepLink: false);
    }

    /// <summary>Reads the state from a folder's checkpoint; null if there is none yet.</summary>
    public static TrainingState? ReadState(string folder)
    {
        var path = Path.Combine(folder, RunFiles.Checkpoint);
        if (!File.Exists(path)) return null;
        using var file = new SafetensorsCheckpoint(path, copy: true);
        try
        {
            var text = Encoding.UTF8.GetBytes(file.Metadata.GetValueOrDefault(StateKey) ?? "");
            return JsonInput.Deserialize(text, path, TrainingJson.Default.TrainingState) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or SkTuningFileException)
        {
            throw SkTuningException.BadFile(path, StateKey, "not valid", "the state of a run",
                "The file is damaged, or was written by another version: start again in another folder.", e);
        }
    }

    /// <summary>Fills the parameters and the optimizer, and returns the best parameters, which the caller owns.</summary>
    /// <exception cref="SkTuningFileException">A tensor or a number is missing or not possible; the message names it.</exception>
    public static Tensor? ReadTensors(string folder, TrainingState state, ParameterSet parameters, Optimizer optimizer)
    {
        const string Damaged = "The file is damaged: start again in another folder.";
        using var file = new SafetensorsCheckpoint(Path.Combine(folder, RunFiles.Checkpoint), copy: true);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        string[] names = [Values, .. state.Best is null ? [] : (string[])[Best], .. optimizer.Moments.Select(m => MomentPrefix + m.Name)];
        if (file.Entries.Keys.Except(names, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw SkTuningException.BadFile(file.Location, unknown, "a tensor that the run does not have", "only its own", Damaged);
        var steps = file.Metadata.GetValueOrDefault(StepsKey);
        if (steps != FormattableString.Invariant($"{state.Step}"))
            throw SkTuningException.BadFile(file.Location, StepsKey, steps is null ? "missing" : $"\"{steps}\"", $"{state.Step}, the number of steps", Damaged);
        parameters.Restore(Read(Values, parameters.Count));
        foreach (var (name, value) in optimizer.Moments) value.copy_(Read(MomentPrefix + name, value.NumberOfElements));
        optimizer.Steps = state.Step;
        return state.Best is null ? null : Read(Best, parameters.Count).to(parameters.Values.device).clone().DetachFromDisposeScope();

        Tensor Read(string name, long count)
        {
            var entry = file.Entry(name);
            if (entry.StoredAs != "F32" || !entry.Shape.SequenceEqual([count]))
            {
                throw SkTuningException.BadFile(file.Location, name, $"{entry.StoredAs} {entry.ShapeText}", $"F32 [{count}]",
                    "The checkpoint belongs to another run.");
            }
            var value = file.Read(name);
            if (!value.isfinite().all().item<bool>())
                throw SkTuningException.BadFile(file.Location, name, "a tensor with values that are not finite", "finite values", Damaged);
            return value;
        }
    }
}

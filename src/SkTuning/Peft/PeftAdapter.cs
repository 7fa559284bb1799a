using SkTuning.Checkpoints;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Peft;

/// <summary>
/// An adapter that PEFT saved, as a tuning method and the values of its trained tensors. PEFT stores neither the labels nor their number: the caller provides
/// them. PEFT saves the output of a network (prefix projection, P-tuning), not the network.
/// </summary>
internal sealed class PeftAdapter : IDisposable
{
    public const string TensorFile = "adapter_model.safetensors", OldTensorFile = "adapter_model.bin";

    /// <summary>The prefix of module names in the tensor file.</summary>
    public const string BaseModel = "base_model.model.";

    /// <summary>The prefix of the method's own tensors in an exported file.</summary>
    public const string OwnTensors = "sktuning.";

    public PeftAdapter(PeftConfig config, TuningOptions options, IReadOnlyDictionary<string, Tensor> values, PeftHead? head, OwnPart? own)
        => (Config, Options, Values, Head, Own) = (config, options, values, head, own);

    public PeftConfig Config { get; }

    public TuningOptions Options { get; }

    /// <summary>The method's tensors by its own names. They do not belong to a dispose scope.</summary>
    public IReadOnlyDictionary<string, Tensor> Values { get; }

    public PeftHead? Head { get; }

    /// <summary>What SkTuning added to PEFT's tensors when it exported the adapter; null if PEFT saved the adapter.</summary>
    public OwnPart? Own { get; }

    /// <summary>The adapter's definition and trained tensors, by the method's names, in an exported folder.</summary>
    internal sealed record OwnPart(string Definition, IReadOnlyDictionary<string, Tensor> Values);

    /// <summary>Reads a folder for a model, and checks every tensor against the model.</summary>
    /// <exception cref="SkTuningException">
    /// A setting is not implemented, or a tensor is missing, unknown, or of another model; the message names it.
    /// </exception>
    public static PeftAdapter Read(string folder, Transformer model)
    {
        var config = PeftConfig.Load(folder);
        var path = Path.Combine(folder, TensorFile);
        if (!File.Exists(path) && File.Exists(Path.Combine(folder, OldTensorFile))) path = Path.Combine(folder, OldTensorFile);
        using var file = CheckpointFolder.Open(path, copy: true);
        var reader = new PeftAdapterReader(config, file, model);
        try { return reader.Read(); }
        catch
        {
            reader.Release();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var value in Values.Values.Concat(Own?.Values.Values ?? [])) value.Dispose();
        Head?.Dispose();
    }
}

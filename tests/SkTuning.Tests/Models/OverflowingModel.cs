using SkTuning.Checkpoints;
using static TorchSharp.torch;

namespace SkTuning.Tests;

/// <summary>
/// The micro model with up projections of 2^18 times and down projections of 2^-18 times their size: it computes the same in fp32, and overflows in fp16.
/// </summary>
internal static class OverflowingModel
{
    public static IReadOnlyList<Row> Rows { get; } =
    [
        .. ((string[])["where is my parcel", "my box is late", "the parcel is not here", "a parcel was late"]).Select(t => new Row(t, "box")),
        .. ((string[])["my card was refused", "the card is bad", "was my bill paid", "the bill is not paid"]).Select(t => new Row(t, "money")),
    ];

    /// <summary>Writes the model to a folder, with changes to its tensors.</summary>
    public static string Write(string folder, Func<string, Tensor, Tensor>? change = null)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in (string[])["config.json", "tokenizer.json"]) File.Copy(Path.Combine(Fixtures.MicroModel, file), Path.Combine(folder, file));
        using var scope = NewDisposeScope();
        var (tensors, _) = Fixtures.Read(Path.Combine(Fixtures.MicroModel, "model.safetensors"));
        change ??= (name, value) => name.Contains("up_proj") ? value * (1 << 18) : name.Contains("down_proj") ? value / (1 << 18) : value;
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), [.. tensors.Select(t => (t.Key, change(t.Key, t.Value)))]);
        return folder;
    }
}

using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>One fixture folder of <c>models</c>: the model with one of its configs, and Hugging Face's results.</summary>
internal sealed class Parity : IDisposable
{
    public Parity(string folder, string config)
    {
        Transformer = FrozenModel.LoadTransformer(folder, new() { Device = TestDevice.Name }, TestDevice.Torch, config).Transformer;
        Expected = Fixtures.Read(Path.Combine(folder, "expected.safetensors")).Tensors;
        Lengths = Expected["lengths"].cpu().data<long>().ToArray();
    }

    public Transformer Transformer { get; }
    public Dictionary<string, Tensor> Expected { get; }
    public long[] Lengths { get; }

    /// <summary>Row r of the fixture without padding, [1,n].</summary>
    public Tensor Row(int r) => Expected["input_ids"][r].narrow(0, 0, Lengths[r]).unsqueeze(0);

    /// <summary>The batch padded on one side with token 1, and its mask.</summary>
    public (Tensor Ids, Tensor Mask) Batch(bool left) => Batch([.. Enumerable.Range(0, Lengths.Length)], Expected["input_ids"].shape[1], left);

    /// <summary>Some rows as a batch of a given width.</summary>
    public (Tensor Ids, Tensor Mask) Batch(int[] rows, long width, bool left)
    {
        var (ids, mask) = (ones([rows.Length, width], ScalarType.Int64).Here(), zeros([rows.Length, width], ScalarType.Int64).Here());
        foreach (var (i, r) in rows.Index())
        {
            var start = left ? width - Lengths[r] : 0;
            ids[i].narrow(0, start, Lengths[r]).copy_(Row(r)[0]);
            mask[i].narrow(0, start, Lengths[r]).fill_(1);
        }
        return (ids, mask);
    }

    /// <summary>The text states of row r in a batch padded on one side.</summary>
    public Tensor Text(Tensor batch, int r, bool left) => batch[r].narrow(0, left ? batch.shape[1] - Lengths[r] : 0, Lengths[r]);

    public Tensor ExpectedRow(string name, int r) => Expected[name][r].narrow(0, 0, Lengths[r]);

    public Injection Prefix(Tensor prefix)
        => Injection.OfPrefix([.. Enumerable.Range(0, (int)prefix.shape[0])
            .Select(l => new LayerPrefix(prefix[l][0].unsqueeze(0), prefix[l][1].unsqueeze(0)))]);

    public Injection Prompt(Tensor prompt) => new() { InputPrompt = prompt.unsqueeze(0) };

    public void Dispose()
    {
        Transformer.Dispose();
        foreach (var tensor in Expected.Values) tensor.Dispose();
    }
}

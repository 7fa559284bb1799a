using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using SkTuning.Batches;
using SkTuning.Onnx.Format;
using static TorchSharp.torch;

namespace SkTuning.Tests.Onnx;

/// <summary>A graph in ONNX Runtime.</summary>
internal sealed class OnnxRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly InferenceSession _session;

    public OnnxRun(Graph graph, long maxInside = long.MaxValue)
    {
        File = Path.Combine(_folder.Path, "model.onnx");
        OnnxFile.Write(graph, File, [("key", "value")], maxInside);
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        _session = new(File, options);
    }

    public string File { get; }

    public InferenceSession Session => _session;

    /// <summary>Runs the graph on a batch.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="adapter">The tensors of the adapter, if they are inputs.</param>
    public Dictionary<string, Tensor> Run(TokenBatch batch, IReadOnlyList<StoredTensor>? adapter = null)
    {
        long[] shape = [.. batch.Ids.shape];
        var mask = batch.Mask ?? ones(shape, ScalarType.Int64).Here();
        List<NamedOnnxValue> inputs = [Of("input_ids", batch.Ids), Of("attention_mask", mask)];
        if (_session.InputMetadata.ContainsKey("token_type_ids")) inputs.Add(Of("token_type_ids", batch.TypeIds ?? zeros(shape, ScalarType.Int64).Here()));
        if (batch.AnswerPositions is { } answers) inputs.Add(Of("answer_indices", answers));
        foreach (var given in adapter ?? [])
        {
            using var bytes = new MemoryStream();
            given.Write(bytes);
            int[] sizes = [.. given.Shape.Select(s => (int)s)];
            inputs.Add(NamedOnnxValue.CreateFromTensor(given.Name,
                new Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<float>(MemoryMarshal.Cast<byte, float>(bytes.ToArray()).ToArray(), sizes)));
        }
        using var results = _session.Run(inputs);
        return results.ToDictionary(r => r.Name, r =>
        {
            var values = r.AsTensor<float>();
            long[] sizes = [.. values.Dimensions.ToArray().Select(d => (long)d)];
            return tensor(values.ToArray(), sizes).Here();
        });

        NamedOnnxValue Of(string name, Tensor values)
        {
            int[] sizes = [.. values.shape.Select(s => (int)s)];
            var all = values.cpu().contiguous().data<long>().ToArray();
            return NamedOnnxValue.CreateFromTensor(name, new Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<long>(all, sizes));
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}

namespace SkTuning.Onnx;

/// <summary>Specifies how the weights of an exported model are stored. Activations are fp32.</summary>
public enum OnnxPrecision
{
    /// <summary>Single precision: the results of the library to about 1e-5.</summary>
    Float32,

    /// <summary>Half precision in the file, single precision when loaded: half the download.</summary>
    Float16,

    /// <summary>
    /// Eight bits with a scale for each output of a matrix; the inputs of products are quantized while they run. A quarter of the size, and the fastest on
    /// processors with VNNI.
    /// </summary>
    Int8,
}

using static TorchSharp.torch;

namespace SkTuning.Checkpoints.Gguf;

/// <summary>
/// One of ggml's types of stored values: blocks with a fixed number of values and bytes. A row (the innermost dimension) consists of whole blocks.
/// Layouts: github.com/ggml-org/llama.cpp, ggml/src/ggml-common.h.
/// </summary>
/// <param name="Number">The number of the type in the file.</param>
/// <param name="Name">The name of the type in ggml.</param>
/// <param name="Values">The number of values in a block; 1 for plain types.</param>
/// <param name="Bytes">The number of bytes of a block.</param>
/// <param name="Plain">torch's type for a plain type; null for a quantized one.</param>
/// <param name="CanExpand">Whether this library can expand the blocks.</param>
internal sealed record BlockType(uint Number, string Name, int Values, int Bytes, ScalarType? Plain = null, bool CanExpand = true)
{
    public static readonly BlockType F32 = new(0, "F32", 1, 4, ScalarType.Float32);
    public static readonly BlockType F16 = new(1, "F16", 1, 2, ScalarType.Float16);
    public static readonly BlockType BF16 = new(30, "BF16", 1, 2, ScalarType.BFloat16);

    /// <summary>All types of the format, except those that were removed from it.</summary>
    public static readonly BlockType[] All =
    [
        F32, F16, BF16,
        new(28, "F64", 1, 8, ScalarType.Float64),
        new(24, "I8", 1, 1, ScalarType.Int8), new(25, "I16", 1, 2, ScalarType.Int16),
        new(26, "I32", 1, 4, ScalarType.Int32), new(27, "I64", 1, 8, ScalarType.Int64),
        new(2, "Q4_0", 32, 18), new(3, "Q4_1", 32, 20), new(6, "Q5_0", 32, 22), new(7, "Q5_1", 32, 24), new(8, "Q8_0", 32, 34), new(9, "Q8_1", 32, 36),
        new(10, "Q2_K", 256, 84), new(11, "Q3_K", 256, 110), new(12, "Q4_K", 256, 144),
        new(13, "Q5_K", 256, 176), new(14, "Q6_K", 256, 210), new(15, "Q8_K", 256, 292),
        new(20, "IQ4_NL", 32, 18), new(23, "IQ4_XS", 256, 136),
        new(34, "TQ1_0", 256, 54), new(35, "TQ2_0", 256, 66), new(39, "MXFP4", 32, 17),
        // Known by size only: this library does not have their code books.
        new(16, "IQ2_XXS", 256, 66, CanExpand: false), new(17, "IQ2_XS", 256, 74, CanExpand: false), new(22, "IQ2_S", 256, 82, CanExpand: false),
        new(18, "IQ3_XXS", 256, 98, CanExpand: false), new(21, "IQ3_S", 256, 110, CanExpand: false),
        new(19, "IQ1_S", 256, 50, CanExpand: false), new(29, "IQ1_M", 256, 56, CanExpand: false),
    ];

    private static readonly Dictionary<uint, BlockType> ByNumber = All.ToDictionary(t => t.Number);

    /// <summary>The names of the types that can be read, for errors.</summary>
    public static string SupportedNames { get; } = string.Join(", ", All.Where(t => t.CanExpand).Select(t => t.Name));

    public bool IsQuantized => Plain is null;

    /// <summary>Returns the type with this number, or null.</summary>
    public static BlockType? Find(uint number) => ByNumber.GetValueOrDefault(number);

    /// <summary>Returns the type with this name, which must exist.</summary>
    public static BlockType Named(string name) => All.Single(t => t.Name == name);
}

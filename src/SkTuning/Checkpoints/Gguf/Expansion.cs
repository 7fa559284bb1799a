using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace SkTuning.Checkpoints.Gguf;

/// <summary>Expands blocks to fp32, bf16 or fp16 on all cores. The bf16 and fp16 values are the fp32 values, rounded once more.</summary>
internal static unsafe class Expansion
{
    /// <summary>The minimum number of values per part: with fewer, threads cost more than they save.</summary>
    private const long MinValuesPerPart = 1 << 16;
    private const int ScratchValues = 2048;

    /// <summary>Expands blocks to fp32 with the widest vectors of this processor.</summary>
    public static void ToFloat(BlockType type, byte* from, float* to, long blocks)
    {
        if (Vector512.IsHardwareAccelerated && Vectors<Lanes512>(type, from, to, blocks)) return;
        if (!Vector512.IsHardwareAccelerated && Vector256.IsHardwareAccelerated && Vectors<Lanes256>(type, from, to, blocks)) return;
        Scalar(type, from, to, blocks);
    }

    /// <summary>Expands blocks with vector code. Returns false for a type that has none.</summary>
    public static bool Vectors<T>(BlockType type, byte* from, float* to, long blocks) where T : struct, ILanes
    {
        switch (type.Name)
        {
            case "F16": Floats.FromHalf(from, to, blocks); return true;
            case "BF16": Floats.FromBFloat16(from, to, blocks); return true;
            case "Q4_0": VectorBlocks.Q4_0<T>(from, to, blocks); return true;
            case "Q4_1": VectorBlocks.Q4_1<T>(from, to, blocks); return true;
            case "Q8_0": VectorBlocks.Q8_0<T>(from, to, blocks); return true;
            case "Q4_K": VectorBlocks.Q4_K<T>(from, to, blocks); return true;
            case "Q5_K": VectorBlocks.Q5_K<T>(from, to, blocks); return true;
            case "Q6_K": VectorBlocks.Q6_K<T>(from, to, blocks); return true;
            case "IQ4_NL": VectorBlocks.IQ4_NL<T>(from, to, blocks); return true;
            default: return false;
        }
    }

    public static void Scalar(BlockType type, byte* from, float* to, long blocks)
    {
        switch (type.Name)
        {
            case "F32": ScalarBlocks.F32(from, to, blocks); break;
            case "F16": ScalarBlocks.F16(from, to, blocks); break;
            case "BF16": ScalarBlocks.BF16(from, to, blocks); break;
            case "Q4_0": ScalarBlocks.Q4_0(from, to, blocks); break;
            case "Q4_1": ScalarBlocks.Q4_1(from, to, blocks); break;
            case "Q5_0": ScalarBlocks.Q5_0(from, to, blocks); break;
            case "Q5_1": ScalarBlocks.Q5_1(from, to, blocks); break;
            case "Q8_0": ScalarBlocks.Q8_0(from, to, blocks); break;
            case "Q8_1": ScalarBlocks.Q8_1(from, to, blocks); break;
            case "IQ4_NL": ScalarBlocks.IQ4_NL(from, to, blocks); break;
            case "IQ4_XS": ScalarBlocks.IQ4_XS(from, to, blocks); break;
            case "MXFP4": ScalarBlocks.MXFP4(from, to, blocks); break;
            case "Q2_K": ScalarSuperBlocks.Q2_K(from, to, blocks); break;
            case "Q3_K": ScalarSuperBlocks.Q3_K(from, to, blocks); break;
            case "Q4_K": ScalarSuperBlocks.Q4_K(from, to, blocks); break;
            case "Q5_K": ScalarSuperBlocks.Q5_K(from, to, blocks); break;
            case "Q6_K": ScalarSuperBlocks.Q6_K(from, to, blocks); break;
            case "Q8_K": ScalarSuperBlocks.Q8_K(from, to, blocks); break;
            case "TQ1_0": ScalarSuperBlocks.TQ1_0(from, to, blocks); break;
            case "TQ2_0": ScalarSuperBlocks.TQ2_0(from, to, blocks); break;
            default: throw new InvalidOperationException($"There is no code to expand {type.Name}.");
        }
    }

    /// <summary>Expands whole blocks to <paramref name="to"/>, memory for values of <paramref name="dtype"/>.</summary>
    private static void Blocks(BlockType type, byte* from, byte* to, ScalarType dtype, long blocks)
    {
        if (dtype == ScalarType.Float32) { ToFloat(type, from, (float*)to, blocks); return; }
        var scratch = stackalloc float[ScratchValues];
        long maxBlocks = ScratchValues / type.Values;
        while (blocks > 0)
        {
            var now = Math.Min(maxBlocks, blocks);
            var values = now * type.Values;
            ToFloat(type, from, scratch, now);
            if (dtype == ScalarType.BFloat16) Floats.ToBFloat16(scratch, (ushort*)to, values);
            else Floats.ToHalf(scratch, (ushort*)to, values);
            from += now * type.Bytes;
            to += values * 2;
            blocks -= now;
        }
    }

    /// <summary>
    /// Expands rows to new memory. <paramref name="order"/>[i] is the stored row that becomes row i; null keeps all rows in their order. The caller has
    /// checked the order and the size.
    /// </summary>
    public static void Rows(BlockType type, byte* from, long rows, long rowLength, int[]? order, byte* to, ScalarType dtype)
    {
        var (rowBlocks, rowBytes, outBytes) = (rowLength / type.Values, rowLength / type.Values * type.Bytes, rowLength * SizeOf(dtype));
        // Without an order, the rows are one sequence of blocks, which any number of threads can share evenly.
        var (units, unitBlocks, unitBytes, unitOut) = order is null
            ? (rows * rowBlocks, 1L, (long)type.Bytes, (long)type.Values * SizeOf(dtype))
            : (order.Length, rowBlocks, rowBytes, outBytes);
        var total = order is null ? rows * rowLength : order.Length * rowLength;
        var parts = (int)Math.Clamp(total / MinValuesPerPart, 1, Math.Min(units == 0 ? 1 : units, Environment.ProcessorCount * 4L));
        if (parts == 1) Part(0);
        else Parallel.For(0, parts, Part);

        void Part(int part)
        {
            var (first, end) = ((long)((Int128)units * part / parts), (long)((Int128)units * (part + 1) / parts));
            if (order is null) Blocks(type, from + first * unitBytes, to + first * unitOut, dtype, end - first);
            else for (var i = first; i < end; i++) Blocks(type, from + order[i] * unitBytes, to + i * unitOut, dtype, unitBlocks);
        }
    }

    /// <summary>Returns the size of a value of a target type in bytes. Types other than the three are refused.</summary>
    public static int SizeOf(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => 4,
        ScalarType.Float16 or ScalarType.BFloat16 => 2,
        _ => throw new SkTuningException($"Quantized blocks cannot be expanded to {dtype}: expected Float32, BFloat16 or Float16."),
    };
}

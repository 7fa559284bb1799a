using SkTuning.Checkpoints.Gguf;
using static TorchSharp.torch;

namespace SkTuning.Tests.Checkpoints.Gguf;

public sealed unsafe class BlockTests
{
    public static TheoryData<string> Quantized => [.. BlockType.All.Where(t => t.IsQuantized && t.CanExpand).Select(t => t.Name)];

    public static TheoryData<string> WithVectors => ["F16", "BF16", "Q4_0", "Q4_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL"];

    /// <summary>Every fp16 value, including infinities and NaN.</summary>
    [Fact]
    public unsafe void Halves_are_exact()
    {
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var half = BitConverter.UInt16BitsToHalf((ushort)bits);
            var found = ScalarBlocks.Half((byte*)&half);
            var isRight = Half.IsNaN(half) ? float.IsNaN(found) : BitConverter.SingleToUInt32Bits((float)half) == BitConverter.SingleToUInt32Bits(found);
            Assert.True(isRight, $"{bits:X4}: {found}, expected {half}");
        }
    }

    [Fact]
    public void Every_block_type_of_the_fixture_is_exact()
    {
        var (expected, _) = Fixtures.Read(Path.Combine(Fixtures.Root, "gguf", "blocks.safetensors"));
        using var file = GgufCheckpoint.Open(Path.Combine(Fixtures.Root, "gguf", "blocks.gguf"));
        Assert.Equal(expected.Keys.Order(), file.Entries.Keys.Order());
        foreach (var (name, numbers) in expected)
        {
            using var read = file.Read(name);
            using var wide = read.to_type(ScalarType.Float32);
            Fixtures.AssertSame(numbers, wide, name);
            Assert.Equal(name, file.Entries[name].StoredAs);
        }
    }

    [Theory, MemberData(nameof(WithVectors))]
    public void Vector_code_of_every_width_equals_the_scalar_code_bit_for_bit(string name)
    {
        var type = BlockType.Named(name);
        const int values = 256 * 67;                                          // for the plain types, not a multiple of the values per iteration
        var blocks = (values + 5 * (type.Values == 1 ? 1 : 0)) / type.Values;
        var bytes = RandomBlocks(type, blocks, seed: 7);
        float[] scalar = new float[blocks * type.Values], wide = new float[scalar.Length], narrow = new float[scalar.Length], chosen = new float[scalar.Length];
        fixed (byte* from = bytes)
        fixed (float* a = scalar, b = wide, c = narrow, d = chosen)
        {
            Expansion.Scalar(type, from, a, blocks);
            Assert.True(Expansion.Vectors<Lanes512>(type, from, b, blocks));
            Assert.True(Expansion.Vectors<Lanes256>(type, from, c, blocks));
            Expansion.ToFloat(type, from, d, blocks);
        }
        Same(scalar, wide, "512");
        Same(scalar, narrow, "256");
        Same(scalar, chosen, "chosen");
    }

    [Theory, MemberData(nameof(Quantized))]
    public void All_rows_threads_orders_and_dtypes_agree_with_the_scalar_code(string name)
    {
        var type = BlockType.Named(name);
        const int rows = 700, rowLength = 512;                                // large enough for several threads
        var bytes = RandomBlocks(type, rows * rowLength / type.Values, seed: 3);
        var plain = new float[rows * rowLength];
        fixed (byte* from = bytes)
        fixed (float* to = plain)
            Expansion.Scalar(type, from, to, rows * rowLength / type.Values);
        using var expected = tensor(plain).view(rows, rowLength);
        using var written = new TemporaryFile(new GgufWriter().Tensor("w", type.Number, [rows, rowLength], bytes).ToArray());
        foreach (var dtype in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16])
        {
            using var scope = NewDisposeScope();
            using var file = GgufCheckpoint.Open(written.Path, copy: dtype == ScalarType.Float16, expandTo: dtype);
            var target = expected.to_type(dtype);
            Fixtures.AssertSame(target, file.Read("w"), $"{name} {dtype}");
            using var blocks = file.ReadQuantized("w")!;
            Assert.Equal(bytes.Length, blocks.Bytes);
            Fixtures.AssertSame(target, blocks.Dequantize(dtype), "whole");
            Fixtures.AssertSame(target[100..350], blocks.DequantizeRows(100, 250, dtype), "rows");
            Fixtures.AssertSame(target.index_select(0, tensor(new long[] { 5, 699, 0, 5 })), blocks.DequantizeRows([5, 699, 0, 5], dtype), "chosen rows");
            var order = Enumerable.Range(0, rows).Select(i => (i * 17 + 3) % rows).ToArray();
            using var ordered = file.ReadQuantized("w", order, transposed: false);
            var reordered = target.index_select(0, tensor(order.Select(i => (long)i).ToArray()));
            Fixtures.AssertSame(reordered, ordered.Dequantize(dtype), "ordered");
            Fixtures.AssertSame(reordered[9..12], ordered.DequantizeRows(9, 3, dtype), "ordered rows");
            Fixtures.AssertSame(reordered[4..5], ordered.DequantizeRows([4], dtype), "ordered chosen rows");
        }
    }

    [Fact]
    public void Rows_outside_the_tensor_are_refused()
    {
        using var written = new TemporaryFile(new GgufWriter().Tensor("w", 8, [4, 32], new byte[4 * 34]).ToArray());
        using var file = GgufCheckpoint.Open(written.Path);
        using var blocks = file.ReadQuantized("w")!;
        Assert.ThrowsAny<SkTuningException>(() => blocks.DequantizeRows(3, 2, ScalarType.Float32));
        Assert.ThrowsAny<SkTuningException>(() => blocks.DequantizeRows([4], ScalarType.Float32));
        Assert.ThrowsAny<SkTuningException>(() => blocks.Dequantize(ScalarType.Int64));
        // No rows are not outside.
        var kept = 1.5f;
        blocks.DequantizeRows(4, 0, ScalarType.Float32, (byte*)&kept);
        Assert.Equal(1.5f, kept);
        using var none = blocks.DequantizeRows([], ScalarType.Float32);
        Assert.Equal([0, 32], none.shape);
        Assert.ThrowsAny<SkTuningException>(() => GgufCheckpoint.Open(written.Path, expandTo: ScalarType.Float64));
    }

    /// <summary>Blocks that no fixture has, computed by hand from the layout.</summary>
    [Fact]
    public void Types_without_a_fixture_follow_their_layout()
    {
        var q8_1 = new byte[36];
        BitConverter.TryWriteBytes(q8_1, (Half)0.5f);
        for (var i = 0; i < 32; i++) q8_1[4 + i] = (byte)(sbyte)(i - 16);
        Check("Q8_1", q8_1, i => 0.5f * (i - 16));

        var q8_k = new byte[292];
        BitConverter.TryWriteBytes(q8_k, 0.25f);
        for (var i = 0; i < 256; i++) q8_k[4 + i] = (byte)(sbyte)(i - 128);
        Check("Q8_K", q8_k, i => 0.25f * (i - 128));

        // Value i is 2 bits at 2*(i/32 mod 4) of byte 32*(i/128) + i mod 32.
        var tq2 = new byte[66];
        BitConverter.TryWriteBytes(tq2.AsSpan(64), (Half)3f);
        for (var i = 0; i < 256; i++) tq2[i / 128 * 32 + i % 32] |= (byte)(Ternary(i) << i / 32 % 4 * 2);
        Check("TQ2_0", tq2, i => 3f * (Ternary(i) - 1));
        static int Ternary(int i) => (i * 7 + i / 5 + i / 128) % 3;

        // A byte b has the digits of b*243/256 rounded up, most significant first: 160 values over 32 bytes, 80 over 16, 16 over 4 (four digits).
        var tq1 = new byte[54];
        BitConverter.TryWriteBytes(tq1.AsSpan(52), (Half)2f);
        static int Digit(int i) => (i * 5 + i / 7) % 3;
        for (var b = 0; b < 52; b++)
        {
            var value = 0;
            for (var n = 0; n < 5; n++)
            {
                var digit = b < 32 ? Digit(n * 32 + b) : b < 48 ? Digit(160 + n * 16 + b - 32) : n < 4 ? Digit(240 + n * 4 + b - 48) : 0;
                value = value * 3 + digit;
            }
            tq1[b] = (byte)((value * 256 + 242) / 243);
        }
        Check("TQ1_0", tq1, i => 2f * (Digit(i) - 1));

        var mx = new byte[17];
        mx[0] = 129;                                                          // 2^2
        for (var i = 0; i < 16; i++) mx[1 + i] = (byte)(i | 15 - i << 4);
        float[] e2m1 = [0, .5f, 1, 1.5f, 2, 3, 4, 6, -0f, -.5f, -1, -1.5f, -2, -3, -4, -6];
        Check("MXFP4", mx, i => 4 * e2m1[i < 16 ? i : 15 - (i - 16)]);

        static void Check(string name, byte[] block, Func<int, float> value)
        {
            var type = BlockType.Named(name);
            var numbers = new float[type.Values];
            fixed (byte* from = block)
            fixed (float* to = numbers)
                Expansion.ToFloat(type, from, to, 1);
            Assert.Equal(Enumerable.Range(0, type.Values).Select(value), numbers);
        }
    }

    [Fact]
    public void Every_half_is_converted_exactly_to_a_float()
    {
        var halves = new ushort[65536];
        for (var i = 0; i < halves.Length; i++) halves[i] = (ushort)i;
        var floats = new float[halves.Length];
        fixed (ushort* from = halves)
        fixed (float* to = floats)
            Floats.FromHalf((byte*)from, to, halves.Length);
        for (var i = 0; i < halves.Length; i++)
        {
            var half = BitConverter.UInt16BitsToHalf((ushort)i);
            if (Half.IsNaN(half)) Assert.True(float.IsNaN(floats[i]), $"{i:x4}");
            else Assert.Equal(BitConverter.SingleToUInt32Bits((float)half), BitConverter.SingleToUInt32Bits(floats[i]));
        }
    }

    [Fact]
    public void Floats_are_rounded_to_halves_and_bfloats_as_torch_does()
    {
        // Every exponent and sign with mantissas at, just below and just above the ties of both types.
        var values = new List<float>();
        uint[] mantissas =
        [
            0, 1, 0xfff, 0x1000, 0x1001, 0x2fff, 0x3000, 0x3001, 0x7fff, 0x8000, 0x8001, 0x17fff, 0x18000, 0x18001,
            0x7fe000, 0x7fefff, 0x7ff000, 0x7fffff, 0x400000, 0x555555,
        ];
        foreach (var mantissa in mantissas)
            for (uint exponent = 0; exponent < 256; exponent++)
                foreach (var sign in (uint[])[0, 1])
                    values.Add(BitConverter.UInt32BitsToSingle(sign << 31 | exponent << 23 | mantissa));
        values.Add(1f);                                                       // an odd count, for the scalar rest
        var floats = values.ToArray();
        ushort[] halves = new ushort[floats.Length], bfloats = new ushort[floats.Length];
        fixed (float* from = floats)
        fixed (ushort* h = halves, b = bfloats)
        {
            Floats.ToHalf(from, h, floats.Length);
            Floats.ToBFloat16(from, b, floats.Length);
        }
        using var all = tensor(floats);
        using var asHalf = all.to_type(ScalarType.Float16);
        using var asBFloat = all.to_type(ScalarType.BFloat16);
        var torchHalf = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(asHalf.bytes);
        var torchBFloat = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(asBFloat.bytes);
        for (var i = 0; i < floats.Length; i++)
        {
            if (float.IsNaN(floats[i]))
            {
                Assert.True((halves[i] & 0x7fff) > 0x7c00 && (bfloats[i] & 0x7fff) > 0x7f80, $"{i}");
                continue;
            }
            Assert.True(halves[i] == torchHalf[i], $"{floats[i]:R} -> half {halves[i]:x4}, torch {torchHalf[i]:x4}");
            Assert.True(bfloats[i] == torchBFloat[i], $"{floats[i]:R} -> bfloat16 {bfloats[i]:x4}, torch {torchBFloat[i]:x4}");
        }
    }

    /// <summary>Returns blocks of random content with finite scales.</summary>
    private static byte[] RandomBlocks(BlockType type, int blocks, int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[blocks * type.Bytes];
        random.NextBytes(bytes);
        int[] halves = type.Name switch
        {
            "F16" => [0],
            "Q4_0" or "Q5_0" or "Q8_0" or "Q8_1" or "IQ4_NL" or "IQ4_XS" => [0],
            "Q4_1" or "Q5_1" or "Q4_K" or "Q5_K" => [0, 2],
            "Q2_K" => [80, 82],
            "Q3_K" => [108],
            "Q6_K" => [208],
            "TQ1_0" => [52],
            "TQ2_0" => [64],
            _ => [],
        };
        for (var i = 0; i < blocks; i++)
        {
            foreach (var at in halves) BitConverter.TryWriteBytes(bytes.AsSpan(i * type.Bytes + at), (Half)((random.NextSingle() - 0.3f) * 0.01f));
            if (type.Name == "Q8_K") BitConverter.TryWriteBytes(bytes.AsSpan(i * type.Bytes), random.NextSingle() - 0.5f);
            if (type.Name == "BF16") BitConverter.TryWriteBytes(bytes.AsSpan(i * type.Bytes), (ushort)random.Next(0x7f80));
            if (type.Name == "MXFP4") bytes[i * type.Bytes] = (byte)random.Next(110, 135);
        }
        return bytes;
    }

    private static void Same(float[] expected, float[] actual, string what)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.True(
                BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i]),
                $"{what}: value {i} is {actual[i]:R}, expected {expected[i]:R}");
    }
}

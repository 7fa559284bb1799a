using SkTuning.Checkpoints.Gguf;

namespace SkTuning.Tests.Checkpoints.Gguf;

/// <summary>The numbers and sizes of the types are those of the format (ggml.h and ggml-common.h of llama.cpp).</summary>
public sealed class BlockTypeTests
{
    [Fact]
    public void Types_have_the_numbers_and_sizes_of_the_format()
    {
        string[] expected =
        [
            "0 F32 1x4", "1 F16 1x2", "2 Q4_0 32x18", "3 Q4_1 32x20", "6 Q5_0 32x22", "7 Q5_1 32x24", "8 Q8_0 32x34", "9 Q8_1 32x36",
            "10 Q2_K 256x84", "11 Q3_K 256x110", "12 Q4_K 256x144", "13 Q5_K 256x176", "14 Q6_K 256x210", "15 Q8_K 256x292",
            "16 IQ2_XXS 256x66", "17 IQ2_XS 256x74", "18 IQ3_XXS 256x98", "19 IQ1_S 256x50", "20 IQ4_NL 32x18", "21 IQ3_S 256x110",
            "22 IQ2_S 256x82", "23 IQ4_XS 256x136", "24 I8 1x1", "25 I16 1x2", "26 I32 1x4", "27 I64 1x8", "28 F64 1x8", "29 IQ1_M 256x56",
            "30 BF16 1x2", "34 TQ1_0 256x54", "35 TQ2_0 256x66", "39 MXFP4 32x17",
        ];
        Assert.Equal(expected, BlockType.All.OrderBy(t => t.Number).Select(t => $"{t.Number} {t.Name} {t.Values}x{t.Bytes}"));
        Assert.Equal(["IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ3_S", "IQ2_S", "IQ1_M"],
            BlockType.All.OrderBy(t => t.Number).Where(t => !t.CanExpand).Select(t => t.Name));
    }
}

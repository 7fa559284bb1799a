using SkTuning.Checkpoints.Gguf;

namespace SkTuning.Models.Gguf;

/// <summary>The change that turns a tensor of a GGUF file back into the one of the Hugging Face checkpoint.</summary>
internal abstract record TensorChange
{
    public static readonly TensorChange None = new AsStored();

    /// <summary>No change.</summary>
    public sealed record AsStored : TensorChange;

    /// <summary>Row i of the checkpoint is row <c>Order()[i]</c> of the file.</summary>
    public sealed record Rows(Func<int[]> Order) : TensorChange;

    /// <summary>The checkpoint has the matrix transposed.</summary>
    public sealed record Transposed : TensorChange;

    /// <summary>The file has 1 added to each value.</summary>
    public sealed record MinusOne : TensorChange;

    /// <summary>The checkpoint has row <paramref name="Index"/> as a separate tensor.</summary>
    public sealed record OneRow(int Index) : TensorChange;

    /// <summary>
    /// llama.cpp's Llama code rotates adjacent values (2j, 2j+1) of a head, Hugging Face's rotates j and j + half: the converter reordered the rows of q and k
    /// accordingly.
    /// </summary>
    public static TensorChange RotatedByPairs(GgufTensor tensor, int heads, GgufSettings settings)
    {
        var size = CheckedRows(tensor, heads, settings);
        if (size % 2 != 0) throw SkTuningException.BadFile(settings.File.Path, tensor.Name, tensor.ShapeText, "an even head size");
        return new Rows(() =>
        {
            var order = new int[heads * size];
            for (var head = 0; head < heads; head++)
                for (var half = 0; half < 2; half++)
                    for (var j = 0; j < size / 2; j++)
                        order[head * size + half * (size / 2) + j] = head * size + 2 * j + half;
            return order;
        });
    }

    /// <summary>
    /// The file has all queries, then all keys, then all values; the checkpoint has the queries, key and value of each group of heads together.
    /// </summary>
    public static TensorChange FusedByGroup(GgufTensor tensor, int heads, int groups, GgufSettings settings)
    {
        var size = CheckedRows(tensor, heads + 2 * groups, settings);
        return new Rows(() =>
        {
            var order = new int[(heads + 2 * groups) * size];
            var (at, queries) = (0, heads / groups);
            for (var group = 0; group < groups; group++)
                for (var j = 0; j < queries + 2; j++)
                {
                    var head = j < queries ? group * queries + j : heads + (j - queries) * groups + group;
                    for (var i = 0; i < size; i++) order[at++] = head * size + i;
                }
            return order;
        });
    }

    /// <summary>Returns the number of rows in each of <paramref name="parts"/>.</summary>
    private static int CheckedRows(GgufTensor tensor, int parts, GgufSettings settings)
    {
        var rows = tensor.Shape.Length is 1 or 2 ? tensor.Shape[0] : 0;
        if (rows < parts || rows % parts != 0 || rows > int.MaxValue)
            throw SkTuningException.BadFile(settings.File.Path, tensor.Name, tensor.ShapeText, $"a number of rows that {parts} divides");
        return (int)(rows / parts);
    }
}

namespace SkTuning.Checkpoints.Gguf.Architectures;

/// <summary>What has to be done to a tensor of a GGUF file to have the one of the Hugging Face checkpoint again.</summary>
internal abstract record TensorChange
{
    public static readonly TensorChange None = new AsStored();

    /// <summary>Nothing.</summary>
    public sealed record AsStored : TensorChange;

    /// <summary>Row i of the checkpoint is row <c>Order()[i]</c> of the file.</summary>
    public sealed record Rows(Func<int[]> Order) : TensorChange;

    /// <summary>The checkpoint has the matrix the other way round.</summary>
    public sealed record Transposed : TensorChange;

    /// <summary>The file has 1 added to each value.</summary>
    public sealed record MinusOne : TensorChange;

    /// <summary>The checkpoint has row <paramref name="Index"/> as a tensor of its own.</summary>
    public sealed record OneRow(int Index) : TensorChange;
}

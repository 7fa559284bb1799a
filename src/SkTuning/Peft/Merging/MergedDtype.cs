namespace SkTuning.Peft;

/// <summary>Specifies the type of the weights that a merge changes. All other weights keep their type, except that quantized blocks are expanded.</summary>
public enum MergedDtype
{
    /// <summary>fp32: the merged model computes the same as the adapter. The folder grows if the weights are stored in two bytes.</summary>
    Exact,

    /// <summary>The type that the weight is stored in, or fp16 for quantized blocks: the folder does not grow, and each changed weight is rounded.</summary>
    AsStored,
}

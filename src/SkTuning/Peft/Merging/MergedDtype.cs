namespace SkTuning.Peft;

/// <summary>The number format of the weights that a merge changes. All others are written as they are stored; what is stored as quantised blocks is expanded.</summary>
public enum MergedDtype
{
    /// <summary>fp32, and the merged model computes what the adapter did. The folder grows where the weights are stored in two bytes.</summary>
    Exact,

    /// <summary>The format the weight is stored in, fp16 for quantised blocks: the folder is no larger, and each changed weight is rounded.</summary>
    AsStored,
}

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>What the search for the best segmentation keeps per position.</summary>
internal sealed class UnigramScratch
{
}

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>What the search for the best segmentation keeps for every place of a word: the best score up to there, and the token that ends there.</summary>
internal sealed class UnigramScratch
{
    private const int LargestKept = 1 << 18;

    public double[] Scores = new double[64];
    public int[] Ids = new int[64];
    public int[] Starts = new int[64];

    /// <summary>Nothing ends anywhere yet.</summary>
    public void Start(int length)
    {
        if (Scores.Length <= length || Scores.Length > Math.Max(LargestKept, length * 2))
        {
            var size = Math.Max(64, length + length / 2 + 1);
            (Scores, Ids, Starts) = (new double[size], new int[size], new int[size]);
        }
        Starts.AsSpan(0, length + 1).Fill(-1);
        Scores[0] = 0;
    }
}

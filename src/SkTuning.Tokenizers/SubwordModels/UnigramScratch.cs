namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>The state of the search for the best segmentation: for every position in a word, the best score so far and the token that ends there.</summary>
internal sealed class UnigramScratch
{
    private const int LargestKept = 1 << 18;

    public double[] Scores = new double[64];
    public int[] Ids = new int[64];
    public int[] Starts = new int[64];

    /// <summary>Starts a search, in which no token ends at any position yet.</summary>
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

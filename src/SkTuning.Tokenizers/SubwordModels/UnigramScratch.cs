namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>The state of the search for the best segmentation: for every position in a word, the best score so far and the token that ends there.</summary>
internal sealed class UnigramScratch
{
    private const int LargestKept = 1 << 14;

    public double[] Scores = new double[64];
    public int[] Ids = new int[64];
    public int[] Starts = new int[64];

    /// <summary>Starts a search, in which no token ends at any position yet.</summary>
    public void Start(int length)
    {
        if (Scores.Length <= length)
        {
            var size = length + Math.Min(length, LargestKept) + 1;
            (Scores, Ids, Starts) = (new double[size], new int[size], new int[size]);
        }
        Starts.AsSpan(0, length + 1).Fill(-1);
        Scores[0] = 0;
    }

    /// <summary>Gives back the memory that a long word took.</summary>
    public void Trim()
    {
        if (Scores.Length > LargestKept * 2) (Scores, Ids, Starts) = (new double[64], new int[64], new int[64]);
    }
}

using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Regex;

/// <summary>Folds letters that differ only in case, one to one.</summary>
internal static class CaseFolding
{
    /// <summary>Pairs of a letter and the letter it is equivalent to, other than by lower case: the long s, variants of Greek letters, and so on.</summary>
    private const string Variants =
        "\u017Fs\u00B5\u03BC\u03C2\u03C3\u03D0\u03B2\u03D1\u03B8\u03D5\u03C6\u03D6\u03C0\u03F0\u03BA" +
        "\u03F1\u03C1\u03F5\u03B5\u1E9B\u1E61\u1FBE\u03B9\u0345\u03B9";

    private static readonly Lazy<Dictionary<int, int>> Folds = new(() =>
    {
        var folds = new Dictionary<int, int>();
        foreach (var c in UnicodeTables.WithLower)
            if (UnicodeTables.Lower(c) is var lower) folds[lower] = folds[c] = lower;
        for (var i = 0; i < Variants.Length; i += 2) folds[Variants[i + 1]] = folds[Variants[i]] = Variants[i + 1];
        return folds;
    });

    /// <summary>The letters for which <see cref="FoldsToSeveral"/> returns true.</summary>
    public static int[] FoldingToSeveral { get; } = [.. Enumerable.Range(0, 0x10000).Where(FoldsToSeveral)];

    /// <summary>All code points that have a case.</summary>
    public static IEnumerable<int> Cased => Folds.Value.Keys;

    public static int Of(int c) => Folds.Value.GetValueOrDefault(c, c);

    /// <summary>
    /// Determines whether a letter folds to two or three characters (sharp s, ligatures, ...). Such a letter matches several characters when case is ignored.
    /// </summary>
    public static bool FoldsToSeveral(int c) => c is 0xDF or 0x130 or 0x149 or 0x1F0 or 0x390 or 0x3B0 or 0x587 or (>= 0x1E96 and <= 0x1E9A) or 0x1E9E
        or 0x1F50 or 0x1F52 or 0x1F54 or 0x1F56 or (>= 0x1F80 and <= 0x1FAF) or (>= 0x1FB2 and <= 0x1FB4) or 0x1FB6 or 0x1FB7 or 0x1FBC
        or (>= 0x1FC2 and <= 0x1FC4) or 0x1FC6 or 0x1FC7 or 0x1FCC or 0x1FD2 or 0x1FD3 or 0x1FD6 or 0x1FD7
        or (>= 0x1FE2 and <= 0x1FE4) or 0x1FE6 or 0x1FE7 or (>= 0x1FF2 and <= 0x1FF4) or 0x1FF6 or 0x1FF7 or 0x1FFC
        or (>= 0xFB00 and <= 0xFB06) or (>= 0xFB13 and <= 0xFB17);
}

using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Regex;

/// <summary>Letters that differ in case only, one to one (as Oniguruma compares a letter with a letter).</summary>
internal static class CaseFolding
{
    private static readonly Lazy<Dictionary<int, int>> Folds = new(() =>
    {
        var folds = new Dictionary<int, int>();
        for (var c = 0; c <= 0x1FFFF; c++)
            if (LetterCase.Fold(c) is var fold && fold != c) folds[fold] = folds[c] = fold;
        return folds;
    });

    /// <summary>All code points that have a case.</summary>
    public static IEnumerable<int> Cased => Folds.Value.Keys;

    public static int Of(int c) => Folds.Value.GetValueOrDefault(c, c);
}

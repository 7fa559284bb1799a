using System.Globalization;

namespace SkTuning.Tokenizers.Text;

/// <summary>General categories, from the tables of .NET.</summary>
internal static class GeneralCategories
{
    public static UnicodeCategory Of(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint);
}

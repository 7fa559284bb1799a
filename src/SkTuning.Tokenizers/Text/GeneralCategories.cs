using System.Globalization;

namespace SkTuning.Tokenizers.Text;

/// <summary>General categories as the tables of .NET have them.</summary>
internal static class GeneralCategories
{
    public static UnicodeCategory Of(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint);
}

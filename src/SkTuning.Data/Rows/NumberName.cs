using System.Globalization;
using System.Text;

namespace SkTuning.Data;

/// <summary>
/// The names of numbers that are labels. A name is the number's exact value in its shortest form, so that 1, 1.0, and 1e0 are one label in every format.
/// </summary>
internal static class NumberName
{
    private const int MaxPlainExponent = 20, MinPlainExponent = -7, ExponentLimit = 1_000_000_000;

    /// <summary>Returns the name of a number; null for NaN and infinity.</summary>
    public static string? Of(double number) => double.IsFinite(number) ? Of(number.ToString("R", CultureInfo.InvariantCulture)) : null;

    /// <summary>Returns the name of a number as JSON writes it; null if the text is not a number, or too large for a double.</summary>
    public static string? Of(string written)
    {
        var (at, point, exponent, any) = (0, -1, 0L, false);
        var digits = new StringBuilder(written.Length);
        var isNegative = written.StartsWith('-');
        if (isNegative) at++;
        for (; at < written.Length; at++)
        {
            var c = written[at];
            if (char.IsAsciiDigit(c)) (_, any) = (digits.Append(c), true);
            else if (c == '.' && point < 0) point = digits.Length;
            else break;
        }
        if (!any || at < written.Length && !Exponent(written.AsSpan(at), out exponent)) return null;
        if (!double.IsFinite(double.Parse(written, NumberStyles.Float, CultureInfo.InvariantCulture))) return null;
        if (point < 0) point = digits.Length;
        var zeros = 0;
        while (zeros < digits.Length && digits[zeros] == '0') zeros++;
        var end = digits.Length;
        while (end > zeros && digits[end - 1] == '0') end--;
        if (end == zeros) return "0";
        var name = Shortest(digits.ToString(zeros, end - zeros), point - zeros + exponent);
        return isNegative ? "-" + name : name;
    }

    /// <summary>Formats 0.digits times a power of ten.</summary>
    private static string Shortest(string digits, long power)
    {
        if (power - 1 is > MaxPlainExponent or < MinPlainExponent)
        {
            var fraction = digits.Length > 1 ? $".{digits[1..]}" : "";
            return string.Create(CultureInfo.InvariantCulture, $"{digits[0]}{fraction}E{(power > 0 ? '+' : '-')}{Math.Abs(power - 1):00}");
        }
        var place = (int)power;
        if (place <= 0) return $"0.{new string('0', -place)}{digits}";
        return digits.Length <= place ? digits.PadRight(place, '0') : $"{digits[..place]}.{digits[place..]}";
    }

    private static bool Exponent(ReadOnlySpan<char> text, out long exponent)
    {
        exponent = 0;
        if (text[0] is not ('e' or 'E')) return false;
        var digits = text[1..].TrimStart("+-");
        if (digits.IsEmpty || text.Length - digits.Length > 2 || digits.ContainsAnyExceptInRange('0', '9')) return false;
        foreach (var c in digits) exponent = Math.Min(ExponentLimit, exponent * 10 + c - '0');
        if (text[1] == '-') exponent = -exponent;
        return true;
    }
}

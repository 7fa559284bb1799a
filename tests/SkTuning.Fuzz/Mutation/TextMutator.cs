using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SkTuning.Fuzz.Running;

namespace SkTuning.Fuzz.Mutation;

/// <summary>Damages a text file: its numbers, characters, encoding, lines and separators.</summary>
internal sealed partial class TextMutator : Mutator
{
    public static readonly IReadOnlyList<string> Numbers =
    [
        "-1", "0", "-0", "1", "2", "0.5", "1e308", "-1e308", "1e999", "-1e999", "1e-320", "NaN", "Infinity", "-Infinity", "2147483647", "2147483648",
        "-2147483648", "-2147483649", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551616",
        "00", "1.", ".5", "+1", "1,5", "0x10", "1e", new('9', 400), "0." + new string('0', 400) + "1",
    ];

    /// <summary>Characters that readers often overlook, as bytes: some are not UTF-8.</summary>
    private static readonly (string Name, byte[] Bytes)[] Odd =
    [
        ("a byte order mark", [0xEF, 0xBB, 0xBF]), ("a UTF-16 byte order mark", [0xFF, 0xFE]), ("NUL", [0]), ("an unpaired surrogate", [0xED, 0xA0, 0x80]),
        ("an incomplete sequence", [0xE2, 0x82]), ("an overlong sequence", [0xC0, 0xAF]), ("a byte that is never used", [0xFF]),
        ("beyond Unicode", [0xF4, 0x90, 0x80, 0x80]), ("U+2028", [0xE2, 0x80, 0xA8]), ("U+0085", [0xC2, 0x85]), ("NBSP", [0xC2, 0xA0]),
        ("CR", [13]), ("LF", [10]), ("tab", [9]), ("a quote", [34]), ("a backslash", [92]), ("a zero-width joiner", [0xE2, 0x80, 0x8D]),
        ("U+202E", [0xE2, 0x80, 0xAE]), ("an emoji", [0xF0, 0x9F, 0x98, 0x80]), ("form feed", [12]), ("escape", [27]), ("DEL", [127]),
    ];

    public static TextMutator Instance { get; } = new();

    public override byte[] Damage(byte[] content, Random64 random, List<string> log)
    {
        if (content.Length == 0) return random.Pick(Odd).Bytes;
        switch (random.Next(10))
        {
            case 0 or 1:
                // One character, one byte: what is not touched keeps its bytes, also where they are not UTF-8.
                var text = Encoding.Latin1.GetString(content);
                var found = Number().Matches(text);
                if (found.Count == 0) goto default;
                var (number, with) = (found[random.Next(found.Count)], random.Pick(Numbers));
                log.Add($"the number at {Shown(number.Index)} replaced by {Short(with)}");
                return Encoding.Latin1.GetBytes(string.Concat(text.AsSpan(0, number.Index), with, text.AsSpan(number.Index + number.Length)));
            case 2:
                var at = random.Next(content.Length + 1);
                var length = random.OneIn(6) ? 3_000_000 : 70_000;
                log.Add($"{length} characters without a line break at {Shown(at)}");
                return [.. content[..at], .. Enumerable.Repeat((byte)random.Pick("x 9\"[\\\t"u8.ToArray()), length), .. content[at..]];
            case 3 or 4 or 5:
                return Lines(content, random, log);
            case 6:
                var (from, to) = random.Pick(Swaps);
                log.Add($"every {Uri.EscapeDataString(from)} replaced by {Uri.EscapeDataString(to)}");
                return Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(content).Replace(from, to, StringComparison.Ordinal));
            default:
                var odd = random.Pick(Odd);
                var place = random.Next(4) switch { 0 => 0, 1 => content.Length, _ => random.Next(content.Length) };
                log.Add($"{odd.Name} at {Shown(place)}");
                return [.. content[..place], .. odd.Bytes, .. content[place..]];
        }
    }

    private static readonly (string, string)[] Swaps =
        [("\n", "\r\n"), ("\n", "\r"), ("\t", ","), ("\t", " "), (",", ";"), ("\"", ""), ("\"", "\"\""), (" ", "\u00C2\u00A0"), ("e", "\0"), ("\n", "")];

    private static byte[] Lines(byte[] content, Random64 random, List<string> log)
    {
        var lines = Encoding.Latin1.GetString(content).Split('\n').ToList();
        var (at, other) = (random.Next(lines.Count), random.Next(lines.Count));
        switch (random.Next(5))
        {
            case 0:
                lines.RemoveAt(at);
                log.Add($"line {Shown(at + 1)} removed");
                break;
            case 1:
                var times = random.Pick([1, 1, 10, 3000]);
                lines.InsertRange(at, Enumerable.Repeat(lines[other], times));
                log.Add($"line {Shown(other + 1)} copied {times} times to line {Shown(at + 1)}");
                break;
            case 2:
                (lines[at], lines[other]) = (lines[other], lines[at]);
                log.Add($"lines {Shown(at + 1)} and {Shown(other + 1)} swapped");
                break;
            case 3:
                lines[at] = random.Pick(["", " ", "\t\t\t", "\"", "{}", "[]", "null", "\"\"\"\"", "0", "#", "-DOCSTART- O", "=", ",,,,,"]);
                log.Add($"line {Shown(at + 1)} replaced by {Uri.EscapeDataString(lines[at])}");
                break;
            default:
                lines[at] = lines[at][..random.Next(lines[at].Length + 1)];
                log.Add($"line {Shown(at + 1)} cut");
                break;
        }
        return Encoding.Latin1.GetBytes(string.Join('\n', lines));
    }

    private static string Shown(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Short(string text) => text.Length > 30 ? text[..30] + "..." : text;

    [GeneratedRegex(@"-?\d+(\.\d+)?([eE][+-]?\d+)?")]
    private static partial Regex Number();
}

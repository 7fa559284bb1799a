using System.Security.Cryptography;
using System.Text;

namespace SkTuning.Mutants;

/// <summary>A small fault in the code of a package, which its tests should find.</summary>
/// <param name="Number">The value of SKTUNING_MUTANT that switches it on.</param>
/// <param name="File">The path of the file, relative to the repository.</param>
/// <param name="Line">The line in the file, from 1.</param>
/// <param name="Start">Where the expression starts in the file, in characters.</param>
/// <param name="Before">The expression as it is.</param>
/// <param name="After">The expression with the fault.</param>
/// <param name="Was">The lines of the expression as they are, with single spaces.</param>
/// <param name="Becomes">These lines with the fault.</param>
internal sealed record Mutation(int Number, string File, int Line, int Start, string Before, string After, string Was, string Becomes)
{
    /// <summary>The expression that replaces the original: faulty if the mutant is on, else as it was.</summary>
    public string Switch => $"(global::SkTuning.Mutant.Is({Number}) ? ({After}) : ({Before}))";

    /// <summary>Returns the place in a draw, at random, which depends on the code of the fault alone.</summary>
    public string Place(int seed)
        => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}\n{File}\n{Was}\n{Becomes}"))));

    public bool Overlaps(Mutation other) => File == other.File && Start < other.Start + other.Before.Length && other.Start < Start + Before.Length;

    public override string ToString() => $"{File}:{Line}  {Short(Before)}  ->  {Short(After)}";

    public static string OneLine(string code) => string.Join(' ', code.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Short(string code) => OneLine(code) is var line && line.Length > 70 ? line[..70] + "…" : line;
}

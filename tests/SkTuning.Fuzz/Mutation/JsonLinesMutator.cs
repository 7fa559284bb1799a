using System.Globalization;
using System.Text;
using SkTuning.Fuzz.Running;

namespace SkTuning.Fuzz.Mutation;

/// <summary>Damages one line of a file that has a JSON value on each line, and leaves it JSON.</summary>
internal sealed class JsonLinesMutator : Mutator
{
    public static JsonLinesMutator Instance { get; } = new();

    public override byte[] Damage(byte[] content, Random64 random, List<string> log)
    {
        var lines = Encoding.UTF8.GetString(content).Split('\n');
        var at = random.Next(lines.Length);
        var inner = new List<string>();
        lines[at] = Encoding.UTF8.GetString(JsonMutator.Instance.Damage(Encoding.UTF8.GetBytes(lines[at]), random, inner));
        log.Add($"line {(at + 1).ToString(CultureInfo.InvariantCulture)}: {string.Join(", ", inner)}");
        return Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }
}

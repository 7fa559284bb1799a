using SkTuning.Fuzz.Running;

namespace SkTuning.Fuzz.Mutation;

/// <summary>Damages the content of a file in one way of its kind.</summary>
internal abstract class Mutator
{
    /// <summary>Returns a damaged copy.</summary>
    /// <param name="content">The content, which may already be damaged.</param>
    /// <param name="random">Decides how.</param>
    /// <param name="log">Receives one line that describes the damage.</param>
    public abstract byte[] Damage(byte[] content, Random64 random, List<string> log);

    /// <summary>The usual mutators of a file, by its extension; one that occurs more than once is chosen more often.</summary>
    public static IReadOnlyList<Mutator> Of(string file) => Path.GetExtension(file) switch
    {
        ".json" => [JsonMutator.Instance, JsonMutator.Instance, JsonMutator.Instance, TextMutator.Instance, ByteMutator.Instance],
        ".jsonl" => [JsonLinesMutator.Instance, JsonLinesMutator.Instance, TextMutator.Instance, TextMutator.Instance, ByteMutator.Instance],
        ".safetensors" => [TensorMutator.Instance, TensorMutator.Instance, ByteMutator.Instance],
        ".tsv" or ".csv" or ".conll" or ".txt" or ".jinja" => [TextMutator.Instance, TextMutator.Instance, TextMutator.Instance, ByteMutator.Instance],
        _ => [ByteMutator.Instance],
    };
}

namespace SkTuning.Mutants;

/// <summary>
/// The mutants that no test can find, because the program does the same with them: equivalents.txt. An entry is the file, the line as it is, the line with
/// the fault, and the reason, so that an entry whose code has changed is noticed.
/// </summary>
internal sealed class Equivalents
{
    private readonly Dictionary<(string File, string Was, string Becomes), string> _reasons = [];

    /// <exception cref="InvalidOperationException">An entry is none of the mutants of the code.</exception>
    public Equivalents(string path, IEnumerable<Mutation> all)
    {
        foreach (var entry in File.ReadAllText(path).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            if (entry.Split('\n', StringSplitOptions.RemoveEmptyEntries) is not [var file, ['-', ' ', .. var was], ['+', ' ', .. var becomes], .. var reason]
                || reason.Length == 0)
                throw new InvalidOperationException($"{path}: found\n{entry}\nexpected the file, '- ' and the line, '+ ' and its fault, and the reason.");
            _reasons.Add((file, was, becomes), string.Join(' ', reason));
        }

        var stale = _reasons.Keys.Except(all.Select(m => (m.File, m.Was, m.Becomes))).ToList();
        if (stale.Count > 0)
            throw new InvalidOperationException($"{path}: remove or renew, for the code has changed:\n{stale[0].File}\n- {stale[0].Was}\n+ {stale[0].Becomes}");
    }

    /// <summary>Why no test can find a mutant; null if one should.</summary>
    public string? ReasonFor(Mutation mutant) => _reasons.GetValueOrDefault((mutant.File, mutant.Was, mutant.Becomes));
}

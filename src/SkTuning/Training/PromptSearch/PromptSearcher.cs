using SkTuning.Data;

namespace SkTuning.Training;

/// <summary>Searches for the prompt with the largest mean margin.</summary>
/// <param name="options">How to search.</param>
/// <param name="pool">The phrases that can be added.</param>
/// <param name="margins">Returns the margin of each row with a prompt; null if the model cannot read that prompt.</param>
internal sealed class PromptSearcher(PromptSearchOptions options, IReadOnlyList<string> pool, Func<string, double[]?> margins)
{
    private readonly Dictionary<string, (double Mean, double[] Rows)?> _tried = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];

    /// <summary>Everything that was tried, in order, with the margin of each row.</summary>
    public IEnumerable<(string Prompt, double[] Margins)> Tried => _order.Select(p => (p, _tried[p]!.Value.Rows));

    private int Left => options.Candidates + 1 - _tried.Count;

    /// <summary>Searches from a prompt, which is tried first.</summary>
    /// <exception cref="SkTuningException">All prompts are to be tried, and there are more than the options allow.</exception>
    public void Run(string written)
    {
        var phrases = PromptPhrases.Split(written);
        Score(written);
        switch (options.Strategy)
        {
            case PromptSearchStrategy.Exhaustive: Exhaustive(phrases); break;
            case PromptSearchStrategy.Bandit: Bandit(written, phrases); break;
            default: Greedy(written, phrases); break;
        }
    }

    private void Exhaustive(IReadOnlyList<string> phrases)
    {
        string[] all = [.. phrases.Concat(pool).Distinct(StringComparer.Ordinal)];
        var prompts = PromptPhrases.All(all).Take(options.Candidates + 2).Select(PromptPhrases.Join).Where(p => !_tried.ContainsKey(p)).ToArray();
        if (prompts.Length > options.Candidates)
        {
            throw new SkTuningException(FormattableString.Invariant($"{all.Length} phrases make more than {options.Candidates} prompts ")
                + "(PromptSearchOptions.Candidates): allow more, name fewer Phrases, or use the strategy Greedy.");
        }
        foreach (var prompt in prompts) Score(prompt);
    }

    private void Greedy(string written, IReadOnlyList<string> phrases)
    {
        var random = new Shuffler(options.Seed);
        var best = _tried[written]?.Mean ?? double.NegativeInfinity;
        while (Left > 0)
        {
            // In random order, so that each kind of edit is tried if not all can be.
            var edits = PromptPhrases.Edits(phrases, pool).Select(e => e.Phrases).ToArray();
            random.Shuffle<string[]>(edits);
            string[]? next = null;
            foreach (var edit in edits)
            {
                if (Left == 0) break;
                if (Score(PromptPhrases.Join(edit)) is { } mean && mean > best) (best, next) = (mean, edit);
            }
            if (next is null) return;
            phrases = next;
        }
    }

    private void Bandit(string written, IReadOnlyList<string> phrases)
    {
        var random = new Shuffler(options.Seed);
        var best = _tried[written]?.Mean ?? double.NegativeInfinity;
        var arms = new Dictionary<string, (int Count, double Gain)>(StringComparer.Ordinal);
        var (pulls, scale) = (0, 0.0);
        while (Left > 0)
        {
            var edits = PromptPhrases.Edits(phrases, pool).Where(e => !_tried.ContainsKey(PromptPhrases.Join(e.Phrases))).ToArray();
            if (edits.Length == 0) return;
            random.Shuffle<(string, string[])>(edits);
            var (edit, edited) = edits.MaxBy(e => Bound(e.Edit));
            var gain = (Score(PromptPhrases.Join(edited)) ?? double.NegativeInfinity) - best;
            pulls++;
            // A gain is counted relative to the largest change so far, between -1 and 1.
            if (double.IsFinite(gain)) scale = Math.Max(scale, Math.Abs(gain));
            var (count, sum) = arms.GetValueOrDefault(edit);
            arms[edit] = (count + 1, sum + (scale == 0 ? 0 : double.IsFinite(gain) ? gain / scale : -1));
            if (gain > 0) (best, phrases) = (best + gain, edited);
        }

        double Bound(string edit) => arms.TryGetValue(edit, out var arm) ? arm.Gain / arm.Count + Math.Sqrt(2 * Math.Log(pulls + 1) / arm.Count)
            : double.PositiveInfinity;
    }

    /// <summary>Returns the mean margin with a prompt; null if it cannot be read.</summary>
    private double? Score(string prompt)
    {
        if (_tried.TryGetValue(prompt, out var known)) return known?.Mean;
        var rows = margins(prompt);
        _tried[prompt] = rows is null ? null : (rows.Average(), rows);
        if (rows is null) return null;
        _order.Add(prompt);
        return rows.Average();
    }
}

using SkTuning.Data;

namespace SkTuning.Training;

/// <summary>Searches for the candidate with the largest mean margin.</summary>
/// <typeparam name="T">The type of the candidates.</typeparam>
/// <param name="options">How to search.</param>
/// <param name="space">The candidates.</param>
/// <param name="margins">Returns the margin of each row with a candidate; null if the model cannot read it.</param>
internal sealed class TextSearcher<T>(TextSearchOptions options, ISearchSpace<T> space, Func<T, double[]?> margins)
{
    private readonly Dictionary<string, double?> _means = new(StringComparer.Ordinal);
    private readonly List<(T Candidate, double[] Margins)> _tried = [];

    /// <summary>Everything that was tried, in order, with the margin of each row.</summary>
    public IReadOnlyList<(T Candidate, double[] Margins)> Tried => _tried;

    private int Left => options.Candidates + 1 - _means.Count;

    /// <summary>Searches from a candidate, which is tried first.</summary>
    /// <exception cref="SkTuningException">All candidates are to be tried, and there are more than the options allow.</exception>
    public void Run(T written)
    {
        var mean = Score(written) ?? double.NegativeInfinity;
        switch (options.Strategy)
        {
            case TextSearchStrategy.Exhaustive: Exhaustive(written); break;
            case TextSearchStrategy.Bandit: Bandit(written, mean); break;
            default: Greedy(written, mean); break;
        }
    }

    private void Exhaustive(T written)
    {
        var candidates = space.All(written).Take(options.Candidates + 2).Where(c => !_means.ContainsKey(space.Key(c))).ToArray();
        if (candidates.Length > options.Candidates)
        {
            var name = options.GetType().Name;
            throw new SkTuningException(FormattableString.Invariant($"The texts make more than {options.Candidates} candidates ")
                + $"({name}.{nameof(options.Candidates)}): allow more, give fewer texts ({space.Sources}), or use the strategy Greedy.");
        }
        foreach (var candidate in candidates) Score(candidate);
    }

    private void Greedy(T from, double best)
    {
        var random = new Shuffler(options.Seed);
        while (Left > 0)
        {
            // In random order, so that each kind of edit is tried if not all can be.
            var edits = space.Edits(from).Select(e => e.Candidate).ToArray();
            random.Shuffle<T>(edits);
            var isBetter = false;
            foreach (var edit in edits)
            {
                if (Left == 0) break;
                if (Score(edit) is { } mean && mean > best) (best, from, isBetter) = (mean, edit, true);
            }
            if (!isBetter) return;
        }
    }

    private void Bandit(T from, double best)
    {
        var random = new Shuffler(options.Seed);
        var arms = new Dictionary<string, (int Count, double Gain)>(StringComparer.Ordinal);
        var (pulls, scale) = (0, 0.0);
        while (Left > 0)
        {
            var edits = space.Edits(from).Where(e => !_means.ContainsKey(space.Key(e.Candidate))).ToArray();
            if (edits.Length == 0) return;
            random.Shuffle<(string, T)>(edits);
            var (edit, edited) = edits.MaxBy(e => Bound(e.Edit));
            var gain = (Score(edited) ?? double.NegativeInfinity) - best;
            pulls++;
            // A gain is counted relative to the largest change so far, between -1 and 1.
            if (double.IsFinite(gain)) scale = Math.Max(scale, Math.Abs(gain));
            var (count, sum) = arms.GetValueOrDefault(edit);
            arms[edit] = (count + 1, sum + (scale == 0 ? 0 : double.IsFinite(gain) ? gain / scale : -1));
            if (gain > 0) (best, from) = (best + gain, edited);
        }

        double Bound(string edit) => arms.TryGetValue(edit, out var arm) ? arm.Gain / arm.Count + Math.Sqrt(2 * Math.Log(pulls + 1) / arm.Count)
            : double.PositiveInfinity;
    }

    /// <summary>Returns the mean margin with a candidate; null if it cannot be read.</summary>
    private double? Score(T candidate)
    {
        var key = space.Key(candidate);
        if (_means.TryGetValue(key, out var known)) return known;
        var rows = margins(candidate);
        if (rows is not null) _tried.Add((candidate, rows));
        return _means[key] = rows?.Average();
    }
}

namespace SkTuning.Models;

/// <summary>A linear that a tuning method can change.</summary>
/// <param name="Place">The layer and the part of the layer.</param>
/// <param name="Inputs">The number of input values.</param>
/// <param name="Outputs">The number of output values.</param>
/// <param name="Module">The name in the checkpoint without the base prefix; null for a part of a fused linear.</param>
internal sealed record LinearSite(LinearPlace Place, long Inputs, long Outputs, string? Module)
{
    /// <summary>The name of the part in options and adapter files: query, queryKeyValue…</summary>
    public string PartName => char.ToLowerInvariant(Place.Part.ToString()[0]) + Place.Part.ToString()[1..];

    /// <summary>
    /// Returns whether a target selects this linear: the name of the part, the end of the name in the checkpoint as in PEFT, or "all" (fused linears as a
    /// whole).
    /// </summary>
    public bool IsSelected(string target)
        => target == PartName || (Module is not null && (target == All || Module == target || Module.EndsWith("." + target, StringComparison.Ordinal)));

    /// <summary>The target that selects every linear.</summary>
    public const string All = "all";
}

/// <summary>The linears of all layers, without the experts and routers of mixtures.</summary>
internal sealed class LinearSites
{
    private readonly Dictionary<LinearPlace, LinearSite> _byPlace;

    /// <param name="config">The traits.</param>
    /// <param name="names">The names of the tensors.</param>
    /// <param name="inner">The inner size of the feed-forward of each layer; null for that of the traits.</param>
    public LinearSites(ModelConfig config, WeightNames names, IReadOnlyList<int>? inner = null)
    {
        Sites = [.. Enumerable.Range(0, config.Layers).SelectMany(l => OfLayer(l, config, names, inner?[l] ?? config.FeedForward.Size))];
        _byPlace = Sites.ToDictionary(s => s.Place);
    }

    public IReadOnlyList<LinearSite> Sites { get; }

    /// <summary>Gets the linear at a place.</summary>
    /// <exception cref="SkTuningException">The model has no such linear.</exception>
    public LinearSite this[LinearPlace place] => _byPlace.TryGetValue(place, out var site)
        ? site
        : throw new SkTuningException($"The model has no linear {place.Part} in layer {place.Layer} that can be changed.");

    /// <summary>Returns the linears that any of the targets selects.</summary>
    /// <exception cref="SkTuningException">A target selects nothing.</exception>
    public IReadOnlyList<LinearSite> Selected(IReadOnlyList<string> targets)
    {
        foreach (var target in targets)
            if (!Sites.Any(s => s.IsSelected(target)))
                throw new SkTuningException($"No linear of the model is called '{target}', " +
                    $"expected one of {string.Join(", ", Sites.Select(s => s.PartName).Distinct())}, {LinearSite.All}, " +
                    $"or the end of a name in the checkpoint such as {Sites.First(s => s.Module is not null).Module}.");
        return [.. Sites.Where(s => targets.Any(s.IsSelected))];
    }

    private static IEnumerable<LinearSite> OfLayer(int layer, ModelConfig c, WeightNames names, int inner)
    {
        var (a, f, prefix) = (c.Attention, c.FeedForward, names.OfLayer(layer));
        long hidden = c.Hidden, q = (long)a.Heads * a.HeadSize, kv = (long)a.KeyValueHeads * a.HeadSize;
        var fused = a.Fused != FusedLayout.None;
        if (fused) yield return At(LinearPart.QueryKeyValue, hidden, q + 2 * kv, names.Fused);
        yield return At(LinearPart.Query, hidden, q, fused ? null : names.Query);
        yield return At(LinearPart.Key, hidden, kv, fused ? null : names.Key);
        yield return At(LinearPart.Value, hidden, kv, fused ? null : names.Value);
        yield return At(LinearPart.Output, q, hidden, names.Output);
        if (f.Mixture is not null && c.MixtureLayers?[layer] != false) yield break;
        if (f.FusedGate) yield return At(LinearPart.GateUp, hidden, 2L * inner, names.Gate);
        if (f.Gated) yield return At(LinearPart.Gate, hidden, inner, f.FusedGate ? null : names.Gate);
        yield return At(LinearPart.Up, hidden, inner, f.FusedGate ? null : names.Up);
        yield return At(LinearPart.Down, inner, hidden, names.Down);

        LinearSite At(LinearPart part, long inputs, long outputs, string? name) => new(new(layer, part), inputs, outputs, name is null ? null : prefix + name);
    }
}

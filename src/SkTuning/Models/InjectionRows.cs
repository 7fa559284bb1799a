using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>What the adapter of some rows of a batch injects: one copy for these rows, without gradients.</summary>
/// <param name="Injection">The injection.</param>
/// <param name="Rows">The number of rows, which follow those of the part before.</param>
internal readonly record struct InjectionPart(Injection Injection, int Rows);

/// <summary>
/// Joins what several adapters inject into one injection with an entry for each row of a batch. Shorter prefixes are padded and masked; where an adapter
/// changes nothing, its rows get the frozen values.
/// </summary>
/// <param name="model">The frozen model.</param>
/// <param name="parts">The adapters, in the order of their rows.</param>
internal sealed class InjectionRows(Transformer model, IReadOnlyList<InjectionPart> parts)
{
    private readonly Device _device = model.Embeddings.Device;
    private Tensor? _adapters;

    /// <summary>Returns the reason why an injection cannot be joined with others; null if it can.</summary>
    public static string? Refusal(Transformer model, Injection injection)
    {
        if (injection.PrefixMask is not null || injection.PositionOffset is not null) return "it has a prefix for each label";
        if (injection.Parameters is { } replaced && replaced.Values.Any(t => t.dim() != 1)) return "it replaces weights";
        // Experts see tokens of all rows together, and positions of all rows share their projections.
        var (mixes, disentangles) = (model.Config.FeedForward.Mixture is not null, model.Config.Attention.Disentangled is not null);
        return (mixes || disentangles) && injection.Parameters is not null || disentangles && injection.Linears is not null
            ? "it changes layers that compute all rows together" : null;
    }

    /// <summary>
    /// Returns the joined injection; its tensors belong to the caller's dispose scope. All parts have input prompts of the same length, and those with a prefix
    /// have one in the same layers.
    /// </summary>
    public Injection Joined()
    {
        var prefixes = Each(i => i.Prefix);
        long[] lengths = [.. parts.Select(p => p.Injection.PrefixLength)];
        var longest = lengths.Max();
        return new()
        {
            InputPrompt = parts[0].Injection.InputPrompt is null ? null : OfRows([.. parts.Select(p => p.Injection.InputPrompt!)]),
            Prefix = prefixes is null ? null : [.. Enumerable.Range(0, model.Config.Layers).Select(l => Prefix([.. prefixes.Select(p => p?[l])], longest))],
            PrefixMask = longest == 0 || lengths.All(n => n == longest) ? null : Mask(lengths, longest),
            PositionOffset = longest == 0 || lengths.All(n => n == longest) ? null : Rows(lengths),
            Memory = Each(i => i.Memory) is not { } memories ? null
                : [.. Enumerable.Range(0, model.Config.Layers).Select(l => Filled([.. memories.Select(m => m?[l])], t => zeros_like(t)))],
            Linears = Each(i => i.Linears) is not { } linears ? null
                : linears.SelectMany(l => l?.Keys ?? []).Distinct().ToDictionary(at => at, at => Linear([.. linears.Select(l => l?.GetValueOrDefault(at))])),
            Parameters = Each(i => i.Parameters) is not { } replaced ? null
                : replaced.SelectMany(r => r?.Keys ?? []).Distinct(StringComparer.Ordinal).ToDictionary(name => name,
                    name => Vectors([.. replaced.Select(r => r?.GetValueOrDefault(name))], _ => model.Replaceable[name])!, StringComparer.Ordinal),
        };
    }

    /// <summary>Returns a slot of each part; null if no part fills it.</summary>
    private T?[]? Each<T>(Func<Injection, T?> slot) where T : class
    {
        T?[] all = [.. parts.Select(p => slot(p.Injection))];
        return all.All(t => t is null) ? null : all;
    }

    private LayerPrefix? Prefix(LayerPrefix?[] prefixes, long longest)
        => prefixes.All(p => p is null) ? null
            : new(Padded([.. prefixes.Select(p => p?.Keys)], 2, longest), Padded([.. prefixes.Select(p => p?.Values)], 2, longest));

    private Tensor Mask(long[] lengths, long longest)
    {
        return OfRows([.. lengths.Select(n => Devices.Send(tensor(Ones(n)), _device).unsqueeze(0))]);

        long[] Ones(long length) => [.. Enumerable.Range(0, (int)longest).Select(p => p < length ? 1L : 0L)];
    }

    private Tensor Rows(long[] values) => Devices.Send(tensor(parts.SelectMany((p, i) => Enumerable.Repeat(values[i], p.Rows)).ToArray()), _device);

    private LinearOverride Linear(LinearOverride?[] changes)
    {
        Tensor?[] downs = [.. changes.Select(c => c?.Down?.unsqueeze(0))];
        var rank = downs.Max(d => d?.shape[1] ?? 0);
        return new()
        {
            InputScale = Vectors([.. changes.Select(c => c?.InputScale)], t => ones_like(t)),
            OutputScale = Vectors([.. changes.Select(c => c?.OutputScale)], t => ones_like(t)),
            Bias = Vectors([.. changes.Select(c => c?.Bias)], t => zeros_like(t)),
            Down = rank == 0 ? null : Padded(downs, 1, rank),
            Up = rank == 0 ? null : Padded([.. changes.Select(c => c?.Up is { } up ? (up * c.LowRankScale.Kept()).unsqueeze(0) : null)], 2, rank),
        };
    }

    /// <summary>Vectors [n] of the parts as [B,1,n]; null if there are none.</summary>
    private Tensor? Vectors(Tensor?[] own, Func<Tensor, Tensor> other) => Filled([.. own.Select(t => t?.view(1, 1, -1))], t => other(t).view(1, 1, -1));

    private Tensor Padded(Tensor?[] own, int dimension, long size)
    {
        return Filled([.. own.Select(t => t is null || t.shape[dimension] == size ? t : Pad(t))], t => zeros_like(t))!;

        Tensor Pad(Tensor t)
        {
            var sides = new long[2 * (t.dim() - dimension)];
            sides[^1] = size - t.shape[dimension];
            return F.pad(t, sides);
        }
    }

    private Tensor? Filled(Tensor?[] own, Func<Tensor, Tensor> other)
    {
        if (own.FirstOrDefault(t => t is not null) is not { } first) return null;
        var rest = own.Any(t => t is null) ? other(first) : first;
        return OfRows([.. own.Select(t => t ?? rest)]);
    }

    /// <summary>One tensor [1,..] for each part, for its rows: [B,..].</summary>
    private Tensor OfRows(Tensor[] own)
    {
        var all = cat(own);
        if (parts.All(p => p.Rows == 1)) return all;
        return all.index_select(0, _adapters ??= Devices.Send(tensor(parts.SelectMany((p, i) => Enumerable.Repeat((long)i, p.Rows)).ToArray()), _device));
    }
}

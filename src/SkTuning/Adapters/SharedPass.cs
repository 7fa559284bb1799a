using SkTuning.Batches;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Adapters;

/// <summary>Rows of one adapter, each one sequence.</summary>
/// <param name="Adapter">The adapter.</param>
/// <param name="Rows">The rows.</param>
/// <param name="WithFeatures">Whether the features of the rows follow their scores.</param>
internal sealed record SharedPart(AdapterModel Adapter, IReadOnlyList<EncodedRow> Rows, bool WithFeatures);

/// <summary>What the adapters of one pass must have in common.</summary>
/// <param name="PromptLength">The number of vectors before the text at the input.</param>
/// <param name="PrefixLayers">A digit for each layer: 1 with a prefix, 0 without one; null for an adapter without a prefix, which fits with all.</param>
/// <param name="Bytes">The memory of what is injected into one row.</param>
/// <param name="Slots">The kinds of changes, which need not be the same, but in a pass over different kinds, every row pays for all of them.</param>
internal readonly record struct SharingKey(long PromptLength, string? PrefixLayers, InjectionSlots Slots = InjectionSlots.None, long Bytes = 0)
{
    /// <summary>Returns the key of a pass over both; null if they do not fit together.</summary>
    public SharingKey? With(SharingKey other)
        => PromptLength != other.PromptLength || PrefixLayers is not null && other.PrefixLayers is not null && PrefixLayers != other.PrefixLayers
            ? null : this with { PrefixLayers = PrefixLayers ?? other.PrefixLayers, Bytes = Math.Max(Bytes, other.Bytes) };
}

/// <summary>Scores rows of several adapters on one base in one pass of the frozen model.</summary>
internal static class SharedPass
{
    /// <summary>Returns whether the rows fit into the memory that is left at the same time. On a CPU, the process would end.</summary>
    public static bool HasRoom(IReadOnlyList<SharedPart> parts)
    {
        var (rows, width) = (parts.Sum(p => p.Rows.Count), parts.Max(p => p.Rows.Max(r => r.Ids.Length) + p.Adapter.Tuned.Method.Length));
        return parts[0].Adapter.Tuned.PassMemory is not { } memory || memory.RowsOf(width) >= Math.Min(rows, BatchedPass.MaxRows);
    }

    /// <summary>Runs the model once, and returns the scores [M,C] of each adapter on the CPU, in the order of the parts.</summary>
    public static IReadOnlyList<Tensor> Run(IReadOnlyList<SharedPart> parts)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var model = parts[0].Adapter.Model;
        var all = parts.SelectMany(p => p.Rows).ToList();
        using var batch = TokenBatch.Of([.. all.Select(r => r.AnswerPositions is null ? r : r with { AnswerPositions = null })], model.Device);
        var injection = new InjectionRows(model.Transformer, [.. parts.Select(p => new InjectionPart(p.Adapter.Tuned.Bake(), p.Rows.Count))]).Joined();
        var result = model.Transformer.Forward(new() { Ids = batch.Ids, Mask = batch.Mask, TypeIds = batch.TypeIds, Injection = injection });
        var (scores, first) = (new List<Tensor>(), 0L);
        foreach (var part in parts)
        {
            using var own = Part(batch, part.Rows, first);
            var states = result with { Hidden = result.Hidden.narrow(0, first, part.Rows.Count) };
            scores.Add(part.Adapter.Tuned.BakedBy(r => At(states, r.Outputs), own, part.WithFeatures).cpu().MoveToOuterDisposeScope());
            first += part.Rows.Count;
        }
        return scores;
    }

    /// <summary>
    /// Returns what the adapters that share a pass with this one must have in common; null if it cannot share one. The row is one that the adapter can read.
    /// </summary>
    public static SharingKey? KeyOf(AdapterModel adapter, EncodedRow row)
    {
        if (adapter.Definition.Pruning is not null) return null;                // its layers have weights of their own
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (injection, runs, model) = (adapter.Tuned.Bake(), 0, adapter.Model.Transformer);
        if (InjectionRows.Refusal(model, injection) is not null) return null;
        var shares = true;
        using var batch = TokenBatch.Of([row with { Windows = null }], adapter.Model.Device);
        adapter.Tuned.BakedBy(request =>
        {
            runs++;
            shares &= request is { InputEmbeddings: null, PositionIds: null, Layers: null, KeepKeyValues: false, From: null, Taps: null or { Count: 0 } }
                && ReferenceEquals(request.Ids, batch.Ids) && ReferenceEquals(request.Injection, injection);
            return model.Forward(request);
        }, batch, withFeatures: false);
        var layers = injection.Prefix is { } prefix ? string.Concat(prefix.Select(p => p is null ? '0' : '1')) : null;
        return shares && runs == 1 ? new(injection.InputPrompt?.shape[1] ?? 0, layers, injection.Slots, injection.Bytes) : null;
    }

    /// <summary>The rows of an adapter within a batch.</summary>
    private static TokenBatch Part(TokenBatch batch, IReadOnlyList<EncodedRow> rows, long first)
    {
        var (count, width) = (rows.Count, batch.Ids.shape[1]);
        long[] answers = [.. rows.SelectMany((r, i) => (r.AnswerPositions ?? []).Select(p => i * width + p))];
        return new(batch.Ids.narrow(0, first, count), batch.Mask?.narrow(0, first, count))
        {
            TypeIds = batch.TypeIds?.narrow(0, first, count),
            AnswerPositions = rows.Any(r => r.AnswerPositions is not null) ? Devices.Send(tensor(answers), batch.Ids.device) : null,
        };
    }

    private static ForwardResult At(ForwardResult result, Tensor? outputs)
        => outputs is null ? result : result with { Hidden = ChosenPositions.Gather(result.Text, outputs), TextStart = 0 };
}

using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Heads;

/// <summary>
/// Computes the log-probabilities of the tokens of answers after rows. Answers with a common beginning share what the model reads: a row goes through it once
/// for each beginning that is not the start of another one, and the LM head is applied once to each different beginning. Answers of one token cost no more than
/// the row.
/// </summary>
internal sealed class AnswerScorer
{
    private const int MaxSequences = 64;

    private readonly Transformer _transformer;
    private readonly IReadOnlyList<int[]> _answers;
    private readonly int[][] _suffixes;                                         // what is read after a row, [U]: an answer without its last token
    private readonly int _longest;                                              // m
    private readonly long[] _nodes;                                             // positions of different beginnings among a row's states, u·(m+1) + t, [K]
    private readonly long[] _nodeOf, _tokens, _owners;                          // for each token of all answers: its beginning, id and answer, [N]

    /// <param name="transformer">A causal model with an LM head.</param>
    /// <param name="answers">The tokens of each answer, one or more.</param>
    public AnswerScorer(Transformer transformer, IReadOnlyList<int[]> answers)
    {
        (_transformer, _answers) = (transformer, answers);
        int[][] beginnings = [.. answers.Select(a => a[..^1])];
        // Every beginning of a suffix, with the first suffix that has it. A beginning is covered if a longer one has it, or an earlier one equals it.
        var (longer, first) = (new HashSet<string>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        foreach (var b in beginnings)
            for (var t = 0; t < b.Length; t++) longer.Add(Key(b, t));
        _suffixes = [.. beginnings.Where(b => !longer.Contains(Key(b, b.Length))).DistinctBy(b => Key(b, b.Length), StringComparer.Ordinal)];
        foreach (var (u, s) in _suffixes.Index())
            for (var t = 0; t <= s.Length; t++) first.TryAdd(Key(s, t), u);
        _longest = _suffixes.Max(s => s.Length);
        var nodes = new Dictionary<long, int>();
        (_tokens, _owners) = ([.. answers.SelectMany(a => a).Select(t => (long)t)], [.. answers.SelectMany((a, c) => a.Select(_ => (long)c))]);
        _nodeOf = [.. answers.SelectMany(a => a.Select((_, t) =>
        {
            var position = (long)first[Key(a, t)] * (_longest + 1) + t;
            if (!nodes.TryGetValue(position, out var node)) nodes[position] = node = nodes.Count;
            return (long)node;
        }))];
        _nodes = [.. nodes.OrderBy(n => n.Value).Select(n => n.Key)];

        static string Key(int[] tokens, int count) => string.Join(' ', tokens.Take(count));
    }

    /// <summary>U, the number of sequences that go through the model for each row.</summary>
    public int Sequences => _suffixes.Length;

    /// <summary>The model reads tokens after the row.</summary>
    public bool AddsTokens => _longest > 0;

    /// <summary>Returns the index of the answer that each token belongs to, [N] int64.</summary>
    public Tensor Owners(Device device) => Devices.Send(tensor(_owners), device);

    /// <summary>Returns the number of tokens of each answer, [C] fp32.</summary>
    public Tensor Lengths(Device device) => Devices.Send(tensor(_answers.Select(a => (float)a.Length).ToArray()), device);

    /// <summary>Returns the log-probability of each token of all answers, answer by answer, [B,N].</summary>
    public Tensor LogLikelihoods(ForwardPass pass, TokenBatch batch)
    {
        if (!AddsTokens) return OfStates(pass.Run(batch, r => r with { Outputs = AnswerPositions.Of(batch) }).Hidden);
        var (rows, maxRows) = (batch.Ids.shape[0], Math.Max(1, MaxSequences / Sequences));
        var lengths = AnswerPositions.Lengths(batch);
        var parts = new List<Tensor>();
        for (long first = 0; first < rows; first += maxRows)
        {
            var count = Math.Min(maxRows, rows - first);
            EncodedRow[] own = [.. batch.Rows.Skip((int)first).Take((int)count)];
            parts.Add(OfRows(pass, own, Part(batch.Ids)!, Part(batch.Mask), Part(lengths)!, Part(pass.Embeddings)));

            Tensor? Part(Tensor? whole) => whole?.narrow(0, first, count);
        }
        return parts.Count == 1 ? parts[0] : cat(parts, 0);
    }

    /// <summary>Returns the means over the tokens of each answer, [B,N] -> [B,C].</summary>
    public Tensor Means(Tensor tokens)
    {
        var (means, start) = (new Tensor[_answers.Count], 0L);
        for (var c = 0; c < means.Length; start += _answers[c].Length, c++) means[c] = tokens.narrow(1, start, _answers[c].Length).mean([1L]);
        return stack(means, 1);
    }

    /// <summary>Runs each row with each suffix directly after its last real token.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="own">The rows [R]; empty if they are unknown.</param>
    /// <param name="ids">[R,T].</param>
    /// <param name="mask">[R,T]; null if there is no padding.</param>
    /// <param name="lengths">[R,1].</param>
    /// <param name="embeddings">[R,T,E]; null for those of the ids.</param>
    private Tensor OfRows(ForwardPass pass, IReadOnlyList<EncodedRow> own, Tensor ids, Tensor? mask, Tensor lengths, Tensor? embeddings)
    {
        var (rows, width, device) = (ids.shape[0], ids.shape[1] + _longest, ids.device);
        long[] shape = [rows, Sequences, _longest];
        var positions = lengths.unsqueeze(2).Plus(Numbers.Range(0, _longest, device)).expand(shape);
        var all = Widened(ids).scatter(2, positions, Table(s => s.Select(t => (long)t)).expand(shape)).view(-1, width);
        var real = Widened(mask ?? ones_like(ids)).scatter(2, positions, Table(s => s.Select(_ => 1L)).expand(shape)).view(-1, width);
        var outputs = (lengths - 1.Kept()).Plus(Numbers.Range(0, _longest + 1, device)).unsqueeze(1)
            .expand(rows, Sequences, _longest + 1).reshape(-1, _longest + 1);
        if (embeddings is not null)
        {
            var ofText = Widened(mask ?? ones_like(ids)).view(-1, width, 1).eq(1.Kept());
            var given = cat([embeddings, zeros([rows, _longest, embeddings.shape[2]], device: device)], 1).repeat_interleave(Sequences, 0);
            pass = pass with { Embeddings = where(ofText, given, _transformer.Embeddings.Word(all)) };
        }
        // Not disposed: the scope owns its tensors.
        var batch = new TokenBatch(all, real) { Rows = [.. own.SelectMany(r => Enumerable.Repeat(r, Sequences))] };
        var states = pass.Run(batch, r => r with { Outputs = outputs }).Hidden;
        return OfStates(states.view(rows, -1, states.shape[2]));

        Tensor Widened(Tensor x) => cat([x, zeros([rows, _longest], ScalarType.Int64, device)], 1).unsqueeze(1).expand(rows, Sequences, width);

        Tensor Table(Func<int[], IEnumerable<long>> values)
        {
            var padded = _suffixes.SelectMany(s => values(s).Concat(Enumerable.Repeat(0L, _longest - s.Length))).ToArray();
            return Devices.Send(tensor(padded), device).view(1, Sequences, _longest);
        }
    }

    /// <summary>Converts the states that precede the tokens of answers, [R,U·(m+1),D], to log-probabilities [R,N].</summary>
    private Tensor OfStates(Tensor states)
    {
        var device = states.device;
        if (_nodes.Length < states.shape[1]) states = states.index_select(1, Devices.Send(tensor(_nodes), device));
        var logits = _transformer.Logits(states);                               // [R,K,V]
        var (rows, vocabulary) = (logits.shape[0], logits.shape[2]);
        var indices = _nodeOf.Zip(_tokens, (k, t) => k * vocabulary + t).ToArray();
        var chosen = logits.view(rows, -1).index_select(1, Devices.Send(tensor(indices), device));
        return chosen - logits.logsumexp(-1).index_select(1, Devices.Send(tensor(_nodeOf), device));
    }
}

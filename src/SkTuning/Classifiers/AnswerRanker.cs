using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Methods.ZeroShot;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>Ranks answers to a text by the language model's log-likelihood of their tokens, divided by the number of tokens. Nothing is trained.</summary>
/// <example><code>
/// foreach (var answer in AnswerRanker.Rank(model, "Q: What do bees make?\nA:", ["honey", "cotton candy"])) Console.WriteLine($"{answer.Text} {answer.Score}");
/// </code></example>
public static class AnswerRanker
{
    /// <summary>Ranks answers, best first. Answers with the same score keep their order.</summary>
    /// <param name="model">A causal model with an LM head.</param>
    /// <param name="text">
    /// The text that the answers follow, such as a question and <c>A:</c>. An answer is appended with a space unless either of them has one there.
    /// </param>
    /// <param name="answers">The answers: one or more, all different.</param>
    /// <exception cref="SkTuningException">
    /// The model has no LM head; an answer is empty, a duplicate, or has no separate tokens after the text; or the text and an
    /// answer exceed the model's context, or a score is not a finite number.
    /// </exception>
    public static IReadOnlyList<RankedAnswer> Rank(FrozenModel model, string text, IReadOnlyList<string> answers)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(answers);
        using var call = model.Calls.Begin();
        if (!model.Config.Causal || !model.Transformer.HasHead)
            throw new SkTuningException($"Ranking answers needs a causal model with an LM head, found {model.Config.Family}, "
                + $"{(model.Config.Causal ? "which has no head" : "which is an encoder")}.");
        if (answers.Count == 0) throw new SkTuningException("There are no answers to rank.");
        if (answers.CountBy(a => a).FirstOrDefault(a => a.Value > 1) is { Key: { } twice })
            throw new SkTuningException($"The answer '{twice}' occurs twice, expected each answer once.");
        var tokens = answers.Select(a => LabelTokens.Of(model.Tokenizer, text, a, isMask: false)).ToList();
        var row = new TextEncoder(model.Tokenizer, causal: true, RowTemplate.Parse(RowTemplate.Plain), startsText: true, int.MaxValue).Encode(text);
        var needed = row.Ids.Length + tokens.Max(t => t.Length) - 1;
        if (needed > model.Config.Context)
            throw new SkTuningException($"The text and an answer have {needed} tokens, and the model reads {model.Config.Context}: shorten the text.");

        using var scope = NewDisposeScope();
        using var batch = TokenBatch.Of([row], model.Device);
        var (method, head) = (new ZeroShotMethod(model.Config, null), new LikelihoodHead(new(model.Transformer, tokens), 0, 0));
        using var tuned = new TunedModel(model.Transformer, method, head, new([], 0, model.Device));
        var scores = tuned.Baked(batch).cpu().data<float>().ToArray();
        if (!Finite.All(scores))
            throw new SkTuningException($"The scores of the answers are not finite numbers: {Finite.Reason(model.Transformer.ComputesInHalf)}");
        return [.. answers.Select((a, i) => new RankedAnswer(a, scores[i], tokens[i].Length)).OrderByDescending(a => a.Score)];
    }
}

/// <summary>An answer and its likelihood.</summary>
/// <param name="Text">The answer.</param>
/// <param name="Score">The mean log-probability of its tokens, 0 or less.</param>
/// <param name="Tokens">The number of its tokens.</param>
public sealed record RankedAnswer(string Text, double Score, int Tokens);

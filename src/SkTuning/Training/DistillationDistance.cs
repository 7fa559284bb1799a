using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Methods;
using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>The distance between the frozen model after a prefix and after the whole prompt.</summary>
/// <param name="model">The model with the prefix.</param>
/// <param name="plan">The prompt that is imitated.</param>
internal sealed class DistillationDistance(TunedModel model, Distillation plan)
{
    /// <summary>Returns the weight of rows in the mean over a batch: tokens for states, rows for words.</summary>
    public long Weight(IEnumerable<EncodedRow> rows) => plan.Loss == DistillationLoss.Words ? rows.Count() : rows.Sum(r => (long)r.Ids.Length);

    /// <summary>Returns the distance on a batch, with gradients with respect to the prefix in training; the caller's scope owns it.</summary>
    public Tensor Of(TokenBatch batch, bool training)
    {
        using var scope = NewDisposeScope();
        var student = Pass(model.Method.Inject(model.Parameters, training), training);
        // What precedes a row in the model that is imitated does not depend on the mask and the dropout of the prefix.
        var teacher = Pass(Injection.None, training: false) with
        {
            Request = (rows, _) => model.Method.Request(model.Transformer, rows, plan.Teacher(rows)),
        };
        var result = plan.Loss == DistillationLoss.Words
            ? Divergence(Without(() => model.Head.Scores(teacher, batch)), model.Head.Scores(student, batch))
            : States(Without(() => teacher.Run(batch).Text), student.Run(batch).Text, batch.Mask, plan.Loss == DistillationLoss.Cosine);
        return result.MoveToOuterDisposeScope();

        ForwardPass Pass(Injection injection, bool training)
            => model.Method.Pass(model.Transformer, injection, model.Parameters, training) with { Recomputes = training && model.RecomputesActivations };

        static Tensor Without(Func<Tensor> compute)
        {
            using var off = no_grad();
            return compute();
        }
    }

    /// <summary>Returns the mean over the real tokens of the mean squared difference of the states, or of one minus their cosine.</summary>
    /// <param name="teacher">[B,T,D].</param>
    /// <param name="student">[B,T,D].</param>
    /// <param name="mask">1 for text and 0 for padding, [B,T]; null if there is no padding.</param>
    /// <param name="cosine">Whether to compare directions alone.</param>
    public static Tensor States(Tensor teacher, Tensor student, Tensor? mask, bool cosine)
    {
        const double Tiny = 1e-12;
        using var scope = NewDisposeScope();
        Tensor each;                                                                                            // [B,T]
        if (cosine)
        {
            var lengths = (teacher.Squared().sum(-1) * student.Squared().sum(-1)).clamp_min(Tiny.Kept()).sqrt();
            each = -((teacher * student).sum(-1) / lengths).Plus((-1.0).Kept());
        }
        else each = (student - teacher).Squared().mean([-1L]);
        if (mask is null) return each.mean().MoveToOuterDisposeScope();
        var real = mask.to_type(each.dtype);
        return ((each * real).sum() / real.sum()).MoveToOuterDisposeScope();
    }

    /// <summary>Returns the Kullback-Leibler divergence of the student's distributions from the teacher's, in the mean over the rows.</summary>
    /// <param name="teacher">Scores [B,C].</param>
    /// <param name="student">Scores [B,C].</param>
    public static Tensor Divergence(Tensor teacher, Tensor student)
    {
        using var scope = NewDisposeScope();
        var expected = teacher.log_softmax(-1);
        return (expected.exp() * (expected - student.log_softmax(-1))).sum(-1).mean().MoveToOuterDisposeScope();
    }
}

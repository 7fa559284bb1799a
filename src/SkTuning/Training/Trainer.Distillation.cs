using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Distills the whole prompt into the method before labels train anything.</summary>
internal sealed partial class Trainer
{
    private DistillationReport? _distilled;

    /// <summary>Labels train only the head.</summary>
    private bool KeepsMethod => !Continues && model.Method.Distillation is { IsAll: true };

    private void Distill(TrainingRows rows, CancellationToken cancellationToken)
    {
        if (Continues || model.Method.Distillation is not { } wanted) return;
        using var activity = Telemetry.Start("distillation");
        var room = model.Transformer.Config.Context - wanted.Length;
        EncodedRow[] texts = [.. Fitting([.. rows.Train, .. model.DistillationTexts])], measured = [.. Fitting(rows.Dev)];
        if (texts.Length == 0)
        {
            throw new SkTuningException($"The prompt takes {wanted.Length} tokens, which leaves no room for any of the texts in the model's context of "
                + $"{model.Transformer.Config.Context}, so it cannot be distilled: shorten the prompt or the texts (MaxTokens).");
        }
        if (measured.Length == 0) measured = texts;
        var distance = new DistillationDistance(model, wanted);
        var before = Measure();
        var lengths = texts.Select(t => t.Ids.Length).ToArray();
        var schedule = new LearningRateSchedule(1, (int)Math.Round(options.WarmUp * wanted.Steps), wanted.Steps, options.Schedule);
        using var optimizer = new AdamW(model.Parameters, 0);
        var (step, epoch) = (0, 0);
        while (step < wanted.Steps && !cancellationToken.IsCancellationRequested)
        {
            foreach (var batch in LengthBuckets.Shuffled(lengths, plan.BatchSize, options.Seed, ++epoch))
            {
                EncodedRow[] chosen = [.. batch.Select(t => texts[t])];
                if (!wanted.Draws) Take(chosen, step);
                else lock (Drawing) Take(chosen, step);
                if (step % StepsBetweenCollections == 0) GC.Collect(0);
                if (++step == wanted.Steps || cancellationToken.IsCancellationRequested) break;
            }
        }
        _distilled = new()
        {
            Steps = step,
            Texts = texts.Length,
            PromptTokens = wanted.Length,
            PrefixTokens = model.Method.Length,
            Before = before,
            After = Measure(),
        };

        IEnumerable<EncodedRow> Fitting(IReadOnlyList<EncodedRow> all)
            => all.SelectMany(r => r.Sequences).Where(r => r.Ids.Length <= room);

        void Take(EncodedRow[] chosen, int at)
        {
            using var scope = NewDisposeScope();
            if (wanted.Draws) Devices.Seed(unchecked((long)(options.Seed * 0x9E3779B97F4A7C15 + 0x64697374696C + (ulong)at)), device);
            var parameters = model.Parameters;
            // Gradients that pass through fp16 are lost below 6e-8.
            var scale = model.Transformer.ComputesInHalf ? 1024.0 : 1;
            BackwardFailure.Forget();
            parameters.Gradients.zero_();
            var (loss, weight) = (0.0, (double)distance.Weight(chosen));
            foreach (var part in Parts(chosen, _memory.Split(chosen)))
            {
                using var batch = TokenBatch.Of(part, device);
                var added = distance.Of(batch, training: true) * (distance.Weight(part) / weight).Kept();
                (added * scale.Kept()).backward();
                BackwardFailure.Throw();
                loss += added.item<float>();
            }
            if (parameters.HeadCount > 0) parameters.Gradients.narrow(0, parameters.AdapterCount, parameters.HeadCount).zero_();
            var norm = parameters.Gradients.norm().item<float>() / scale;
            if (!double.IsFinite(loss) || !double.IsFinite(norm))
            {
                throw new SkTuningException(FormattableString.Invariant($"The distance in step {at + 1} of the distillation is {loss}, its gradient {norm}: ")
                    + (model.Transformer.ComputesInHalf ? Finite.Reason(true) : "lower the learning rate."));
            }
            optimizer.Step(schedule.At(at) * options.Rate, 0, Math.Min(1, options.MaxGradientNorm / (norm + 1e-6)) / scale);
        }

        double Measure()
        {
            using var off = no_grad();
            var (sum, weight) = (0.0, 0L);
            BatchedPass.Run(BatchedPass.Batches(measured, model.PassMemory), part =>
            {
                using var scope = NewDisposeScope();
                EncodedRow[] own = [.. part.Select(r => measured[r])];
                using var batch = TokenBatch.Of(own, device);
                var share = distance.Weight(own);
                (sum, weight) = (sum + distance.Of(batch, training: false).item<float>() * share, weight + share);
            }, cancellationToken: CancellationToken.None);
            return sum / weight;
        }
    }
}

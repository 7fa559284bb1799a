using SkTuning.Heads.LabelTexts;

namespace SkTuning.Training;

/// <summary>Computes heads that no step trains.</summary>
internal sealed partial class Trainer
{
    private LabelTextsFit Fit(LabelTextsHead head) => new(model, head, LabelTexts, device);

    /// <summary>Computes the labels of the untrained adapter, or of the one that training continues from.</summary>
    private void BeginLabelTexts(LabelTextsHead head, TrainingRows rows, CancellationToken cancellationToken)
    {
        var fit = Fit(head);
        if (!Continues) fit.Prepare(rows.Train, MakeBatch, cancellationToken);
        fit.Run(cancellationToken);
        if (!Continues) LabelTextsHead.SetAccuracy(model.Parameters, fit.Accuracy(rows.Train, MakeBatch, cancellationToken), 0);
    }

    /// <summary>Measures the tuned model with the labels as it reads them.</summary>
    private void EndLabelTexts(LabelTextsHead head, TrainingRows rows)
    {
        var fit = Fit(head);
        fit.Run(CancellationToken.None);
        var (untrained, _) = LabelTextsHead.AccuracyOf(model.Parameters);
        LabelTextsHead.SetAccuracy(model.Parameters, untrained, fit.Accuracy(rows.Train, MakeBatch, CancellationToken.None));
        if (_state.Best is { } best && Evaluate(best.Epoch, best.TrainLoss, rows.Dev) is { } measured) _state.Best = measured with { IsBest = true };
    }

    /// <summary>Fits the head to the present states if no step trains it, before it is measured.</summary>
    private void FitUntrainedHead(TrainingRows rows)
    {
        if (model.Head is LabelTextsHead texts) Fit(texts).Run(CancellationToken.None);
        else if (model.FeatureLoss is { LeavesHead: true } && ExactFit is { } exact)
            exact.Run(rows.Train, isFirst: false, MakeBatch, CancellationToken.None);
    }
}

using static TorchSharp.torch.utils;

namespace SkTuning.Training.Runs;

/// <summary>Writes the metrics of a run as TensorBoard event files. A resumed run adds a new file that continues with the next step.</summary>
internal sealed class EventFiles(string folder)
{
    private const int MaxPoints = 2000;

    private TorchSharp.Modules.SummaryWriter? _writer;

    public void Step(TrainingProgress p)
    {
        if (p.Step % Math.Max(1, p.Steps / MaxPoints) != 0) return;
        Add("train/loss", p.Loss, p.Step);
        Add("train/learning_rate", p.LearningRate, p.Step);
        Add("train/gradient_norm", p.GradientNorm, p.Step);
        Add("train/tokens_per_second", p.TokensPerSecond, p.Step);
    }

    public void Epoch(EpochResult e, int step, string metric)
    {
        Add("dev/loss", e.DevLoss, step);
        Add($"dev/{metric}", e.DevScore, step);
        if (!double.IsNaN(e.TrainLoss)) Add("train/epoch_loss", e.TrainLoss, step);
    }

    private void Add(string tag, double value, int step)
    {
        try
        {
            _writer ??= tensorboard.SummaryWriter(folder, createRunName: false);
            _writer.add_scalar(tag, (float)value, step);
        }
        catch
        {
            _writer = null;                                                    // the next point starts another file
            throw;
        }
    }
}

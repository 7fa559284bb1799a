using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SkTuning.Training;

/// <summary>
/// What OpenTelemetry and dotnet-counters can observe of training. The meter and the activity source are both named SkTuning. Nothing is computed without a
/// listener.
/// </summary>
internal static class Telemetry
{
    public const string Name = "SkTuning";

    private static readonly Meter Meter = new(Name);

    private static readonly ActivitySource Source = new(Name);

    private static readonly Counter<long> Steps = Meter.CreateCounter<long>("sktuning.training.steps", "{step}", "Training steps taken.");

    private static readonly Counter<long> Tokens = Meter.CreateCounter<long>("sktuning.training.tokens", "{token}", "Text tokens of training steps.");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("sktuning.training.step.duration", "s", "Time of a training step.");

    private static readonly Gauge<double> Loss = Meter.CreateGauge<double>("sktuning.training.loss", "1", "Loss of the last step.");

    private static readonly Gauge<double> GradientNorm
        = Meter.CreateGauge<double>("sktuning.training.gradient_norm", "1", "Gradient norm of the last step, before clipping.");

    private static readonly Gauge<double> Score = Meter.CreateGauge<double>("sktuning.evaluation.score", "1", "Metric on the dev split.");

    private static readonly Counter<long> Checkpoints = Meter.CreateCounter<long>("sktuning.training.checkpoints", "{checkpoint}", "Checkpoints written.");

    /// <summary>Starts an activity of training (run, epoch, evaluate, checkpoint); null without a listener.</summary>
    public static Activity? Start(string name) => Source.StartActivity($"sktuning.training.{name}");

    public static void Step(double loss, double norm, long tokens, double seconds)
    {
        Steps.Add(1);
        Tokens.Add(tokens);
        Duration.Record(seconds);
        Loss.Record(loss);
        GradientNorm.Record(norm);
    }

    public static void Evaluated(string metric, double score) => Score.Record(score, new KeyValuePair<string, object?>("sktuning.metric", metric));

    public static void Checkpoint() => Checkpoints.Add(1);
}

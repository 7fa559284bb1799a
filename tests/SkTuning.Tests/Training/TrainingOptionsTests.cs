using SkTuning.Training;

namespace SkTuning.Tests.Training;

public sealed class TrainingOptionsTests
{
    private const double Infinity = double.PositiveInfinity;

    public static TheoryData<string, TrainingOptions> Bad() => new()
    {
        { "Epochs is 0", new() { Epochs = 0 } }, { "BatchSize is 0", new() { BatchSize = 0 } }, { "LearningRate is NaN", new() { LearningRate = double.NaN } },
        { "Momentum is 1", new() { Momentum = 1 } }, { "MicroBatchSize is 0", new() { MicroBatchSize = 0 } },
        { "DivergenceFactor is 0.5", new() { DivergenceFactor = 0.5 } }, { "DivergenceFactor is Infinity", new() { DivergenceFactor = Infinity } },
        { "DivergenceFactor is NaN", new() { DivergenceFactor = double.NaN } }, { "MaxGradientNorm is NaN", new() { MaxGradientNorm = double.NaN } },
        { "MaxGradientNorm is Infinity", new() { MaxGradientNorm = Infinity } }, { "CheckpointMinutes is Infinity", new() { CheckpointMinutes = Infinity } },
        { "LearningRate is Infinity", new() { LearningRate = Infinity } }, { "HeadLearningRate is NaN", new() { HeadLearningRate = double.NaN } },
        { "WeightDecay is NaN", new() { WeightDecay = double.NaN } }, { "WarmUp is NaN", new() { WarmUp = double.NaN } },
        { "LabelSmoothing is NaN", new() { LabelSmoothing = double.NaN } }, { "DevFraction is NaN", new() { DevFraction = double.NaN } },
        { "Momentum is NaN", new() { Momentum = double.NaN } },
        { "ClassWeights['a'] is 1E+300", new() { ClassWeights = new Dictionary<string, double> { ["a"] = 1e300 } } },
        { "ClassWeights['a'] is 1E-50", new() { ClassWeights = new Dictionary<string, double> { ["a"] = 1e-50 } } },
        { "Resume is True", new() { Resume = true } }, { "CheckpointSteps is 0", new() { CheckpointSteps = 0, RunFolder = "r" } },
        { "CheckpointMinutes is 0", new() { CheckpointMinutes = 0 } },
        { "Optimizer is 9", new() { Optimizer = (OptimizerKind)9 } }, { "Schedule is 9", new() { Schedule = (ScheduleKind)9 } },
        { "ClassWeights['a'] is 0", new() { ClassWeights = new Dictionary<string, double> { ["a"] = 0 } } },
        { "BalanceClasses is True", new() { BalanceClasses = true, ClassWeights = new Dictionary<string, double> { ["a"] = 1 } } },
    };

    [Theory, MemberData(nameof(Bad))]
    public void What_makes_no_sense_is_refused_by_name(string named, TrainingOptions options)
        => Assert.StartsWith($"TrainingOptions.{named}, expected", Assert.ThrowsAny<SkTuningException>(options.Validate).Message);

    [Fact]
    public void The_defaults_are_good() => new TrainingOptions().Validate();

    [Fact]
    public void Schedules_rise_over_the_warm_up_and_end_where_they_should()
    {
        var linear = new LearningRateSchedule(2, 4, 20);
        var (cosine, constant) = (linear with { Kind = ScheduleKind.Cosine }, linear with { Kind = ScheduleKind.Constant });
        foreach (var schedule in (LearningRateSchedule[])[linear, cosine, constant])
        {
            Assert.Equal([0.5, 1, 1.5, 2], Enumerable.Range(0, 4).Select(schedule.At));
            Assert.Equal(2, schedule.At(4));
        }
        Assert.Equal((1.0, 0.0), (linear.At(12), linear.At(20)));
        Assert.Equal((1.0, 0.0), (Math.Round(cosine.At(12), 12), Math.Round(cosine.At(20), 12)));
        Assert.Equal(2 * (1 + Math.Cos(Math.PI / 4)) / 2, cosine.At(8), 1e-12);
        Assert.Equal(2, constant.At(19));
    }

    [Fact]
    public void Balanced_weights_make_labels_count_alike()
    {
        var labels = new LabelSet(["a", "b", "c"]);
        Assert.Equal([2.0 / 3, 2.0], ClassWeighting.Of(new() { BalanceClasses = true }, labels, [0, 0, 0, 1])!.Take(2));
        Assert.Equal([1, 3, 1], ClassWeighting.Of(new() { ClassWeights = new Dictionary<string, double> { ["b"] = 3 } }, labels, [])!);
        var unknown = new TrainingOptions { ClassWeights = new Dictionary<string, double> { ["z"] = 3 } };
        Assert.Contains("'z'", Assert.ThrowsAny<SkTuningException>(() => ClassWeighting.Of(unknown, labels, [])).Message);
        Assert.Null(ClassWeighting.Of(new(), labels, [0]));
    }
}

using System.Diagnostics;
using static TorchSharp.torch;

namespace SkTuning.Bench;

/// <summary>
/// The CPU time from the start of a process to the first prediction of a model, and its peak memory above that of a process that ran a single operation.
/// </summary>
internal static class LoadBench
{
    private const string Text = "The movie was a delight from start to finish.";

    public static int Run(string[] arguments)
    {
        if (arguments is ["--child", "nothing"]) return Nothing();
        if (ChildRun.Option(arguments, "--model") is not { } model)
        {
            Console.Error.WriteLine("load needs --model PATH");
            return 1;
        }
        var options = new FrozenModelOptions
        {
            Device = "cpu",
            Precision = Enum.Parse<Precision>(ChildRun.Option(arguments, "--precision") ?? nameof(Precision.Float32), ignoreCase: true),
            KeepQuantized = arguments.Contains("--keep-quantized"),
        };
        if (arguments.Contains("--child")) return Predict(model, options);

        var rounds = int.Parse(ChildRun.Option(arguments, "--rounds") ?? "7");
        var (nothing, loads) = (new List<ChildRun>(), new List<ChildRun>());
        for (var r = 0; r < rounds; r++)                                          // alternating, so that other load on the machine affects both
        {
            nothing.Add(ChildRun.Of("load", "--child", "nothing"));
            loads.Add(ChildRun.Of(["load", "--child", .. arguments]));
        }
        var weights = loads[0].Numbers[0];
        var growth = ChildRun.Median(loads.Select(l => (double)l.Peak)) - ChildRun.Median(nothing.Select(n => (double)n.Peak));
        Console.WriteLine($"{model}: {options.Precision}{(options.KeepQuantized ? ", kept quantised" : "")}; medians of {rounds} processes each, alternating");
        Console.WriteLine($"  process start to first prediction   {ChildRun.Median(loads.Select(l => l.Cpu)):F2} s CPU (least {loads.Min(l => l.Cpu):F2}), " +
            $"{ChildRun.Median(loads.Select(l => l.Wall)):F2} s wall");
        Console.WriteLine($"  process start to one operation      {ChildRun.Median(nothing.Select(l => l.Cpu)):F2} s CPU (least " +
            $"{nothing.Min(l => l.Cpu):F2}), {ChildRun.Median(nothing.Select(l => l.Wall)):F2} s wall");
        Console.WriteLine($"  of which tokenizer, config, weights {ChildRun.Median(loads.Select(l => l.Numbers[1])):F2} s CPU; first forward and logits " +
            $"{ChildRun.Median(loads.Select(l => l.Numbers[2])):F2} s CPU");
        Console.WriteLine(
            $"  growth of peak memory               {growth / 1e6:F0} MB = {growth / weights:F2} x the weights in memory ({weights / 1e6:F0} MB)");
        return 0;
    }

    private static int Nothing()
    {
        RuntimeSettings.Start(fast: true);
        using var a = ones(64, 64);
        using var b = a.mm(a);
        return ChildRun.Report();
    }

    private static int Predict(string path, FrozenModelOptions options)
    {
        RuntimeSettings.Start(fast: true);
        var start = Cpu();
        using var model = FrozenModel.Load(path, options);
        var loaded = Cpu();
        using var off = no_grad();
        using var scope = NewDisposeScope();
        using var ids = tensor(model.Tokenizer.EncodeIds(Text), ScalarType.Int64).unsqueeze(0);
        var hidden = model.Transformer.Forward(new() { Ids = ids }).Hidden;
        _ = (model.Transformer.HasHead ? model.Transformer.Logits(hidden[0, -1]) : hidden.mean([1])).argmax().item<long>();
        var d = model.Describe();
        return ChildRun.Report(d.Memory + d.MappedMemory, loaded - start, Cpu() - loaded);
    }

    private static double Cpu() => Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
}

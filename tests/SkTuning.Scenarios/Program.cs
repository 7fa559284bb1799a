namespace SkTuning.Scenarios;

/// <summary>
/// Programs whose whole process is what a test looks at: how it ends, and what its native memory does. The tests run each as a child process.
/// Usage: <c>SkTuning.Scenarios NAME MODEL [ARGUMENTS]</c>, where MODEL is a model's folder.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments.Length < 2)
        {
            Console.Error.WriteLine("usage: SkTuning.Scenarios NAME MODEL [ARGUMENTS]");
            return 2;
        }
        if (arguments is ["exit", _, "start", ..]) return ExitWhileBusy.WhileLoading(arguments[3..]);
        RuntimeSettings.Start(1);
        var (model, rest) = (arguments[1], arguments[2..]);
        return arguments[0] switch
        {
            "exit" => ExitWhileBusy.Run(model, rest),
            "dispose" => DisposeInUse.Run(model, rest),
            "disposed" => UseAfterDispose.Run(model),
            "drawing" => Drawing.Run(model),
            "stress" => Stress.Run(model, rest),
            "cost" => CallCost.Run(model),
            _ => throw new ArgumentException($"There is no scenario '{arguments[0]}'."),
        };
    }
}

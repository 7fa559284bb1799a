using System.Diagnostics;

namespace SkTuning.Scenarios;

/// <summary>Measures a prediction, and a call that does nothing but begin and end: what it costs that an object can be disposed while it is used.</summary>
internal static class CallCost
{
    private const int Predictions = 300, Calls = 200_000;

    public static int Run(string path)
    {
        using var model = Setting.Load(path);
        using var classifier = Setting.Train(model);
        for (var i = 0; i < Predictions; i++) classifier.Predict("good film");
        var prediction = Nanoseconds(Predictions, () => classifier.Predict("good film"));
        for (var i = 0; i < Calls; i++) classifier.Predict((IReadOnlyList<string>)[]);
        var call = Nanoseconds(Calls, () => classifier.Predict((IReadOnlyList<string>)[]));
        Console.WriteLine(FormattableString.Invariant($"a prediction of one text {prediction:F0} ns, of none {call:F0} ns ({100 * call / prediction:F2}%)"));
        return call < prediction / 100 ? 0 : 1;
    }

    private static double Nanoseconds(int times, Action act)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < times; i++) act();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / times;
    }
}

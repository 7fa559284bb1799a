using System.Diagnostics;
using System.Globalization;

namespace SkTuning.Bench;

/// <summary>The resources used by a separate process since its start. A measurement in a shared process would include earlier work.</summary>
/// <param name="Cpu">The CPU seconds of all cores.</param>
/// <param name="Wall">The seconds since the process was started.</param>
/// <param name="Peak">The peak resident memory in bytes, including pages of mapped files.</param>
/// <param name="Numbers">Further measurements.</param>
internal sealed record ChildRun(double Cpu, double Wall, long Peak, IReadOnlyList<double> Numbers)
{
    private const string Mark = "##";

    /// <summary>Prints the resources used; called at the end of a child process.</summary>
    public static int Report(params double[] numbers)
    {
        using var me = Process.GetCurrentProcess();
        double[] all = [me.TotalProcessorTime.TotalSeconds, (DateTime.Now - me.StartTime).TotalSeconds, me.PeakWorkingSet64, .. numbers];
        Console.WriteLine(Mark + string.Join(' ', all.Select(n => n.ToString("R", CultureInfo.InvariantCulture))));
        return 0;
    }

    /// <summary>Runs this program in a child process with other arguments.</summary>
    public static ChildRun Of(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet") start.ArgumentList.Add(typeof(ChildRun).Assembly.Location);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        var line = output.Split('\n').LastOrDefault(l => l.StartsWith(Mark, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"{string.Join(' ', arguments)} ended with code {child.ExitCode}: {output}");
        var numbers = line[Mark.Length..].Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        return new(numbers[0], numbers[1], (long)numbers[2], numbers[3..]);
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    public static string? Option(string[] arguments, string name)
        => Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : null;
}


// The end of each program: predicts the texts with the classifier, and prints the label, the time to the first answer, the median of one text, and the peak
// memory.
var label = classifier.Predict(texts[0]).Label;
var first = (DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds;
var times = new List<double>();
for (var i = 0; i < 2 * texts.Count; i++)
{
    var start = Stopwatch.GetTimestamp();
    classifier.Predict(texts[i % texts.Count]);
    if (i >= texts.Count) times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
}
times.Sort();
var peak = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal))
    .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
Console.WriteLine(FormattableString.Invariant($"{label}\t{first:F0}\t{times[times.Count / 2]:F2}\t{long.Parse(peak) / 1000}"));

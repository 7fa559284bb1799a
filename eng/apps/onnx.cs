// The program that eng/publish-sizes.sh publishes for ONNX Runtime: as library.cs, with an exported adapter.
using System.Diagnostics;
using SkTuning;

using var classifier = OnnxClassifier.Load(args[0], new OnnxAdapterOptions { Threads = 1 });
if (args[2] == "check")
{
    Console.WriteLine(classifier.Predict("is my parcel lost?").Label);
    return;
}
var texts = File.ReadLines(args[2]).Skip(1).Select(l => l.Split('\t')[0]).Take(200).ToList();
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

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

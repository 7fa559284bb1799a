// The program that eng/publish-sizes.sh publishes: loads an adapter, predicts, and prints the time to the first answer, the median of one text, and the
// peak memory.
// With the argument "check" in place of the texts: uses what trimming could remove.
using System.Diagnostics;
using SkTuning;

if (args[2] == "check")
{
    foreach (var name in TuningOptions.Names) _ = TuningOptions.Create(name);
    foreach (var name in HeadOptions.Names) _ = HeadOptions.Create(name);
    foreach (var name in ObjectiveOptions.Names) _ = ObjectiveOptions.Create(name);
    using var @base = FrozenModel.Load(args[0]);
    Row[] few = [new("where is my parcel?", "delivery"), new("when will it arrive?", "delivery"),
        new("send it back", "returns"), new("a refund, please", "returns")];
    foreach (var method in (TuningOptions[])[new SkPrefixOptions(), new LoraOptions()])
    {
        using var trained = TextClassifier.Train(@base, few, new() { Prompt = "The topic:", Method = method, Training = new() { MaxSteps = 2, Folds = 0 } });
        trained.Save(args[1]);
        using var again = TextClassifier.Load(args[1], @base);
        Console.WriteLine($"{method.Name}: {again.Predict("is my parcel lost?").Label}");
    }
    return;
}

var (folder, adapter, texts) = (args[0], args[1], File.ReadLines(args[2]).Skip(1).Select(l => l.Split('\t')[0]).Take(200).ToList());
using var model = FrozenModel.Load(folder);
using var classifier = TextClassifier.Load(adapter, model);

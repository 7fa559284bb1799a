// Compares methods on the same rows and seeds, with paired tests. `sktuning compare plan.json` does the same from a file.
using SkTuning;
using SkTuning.Compare;

RuntimeSettings.Start(fast: true);
var support = Path.Combine(AppContext.BaseDirectory, "assets", "data", "support");
var plan = new ComparisonPlan
{
    Name = "topics",
    Model = TinyModel.Folder,
    Seeds = [1, 2, 3],
    DataSets =
    [
        new PlanDataSet
        {
            Name = "support", Prompt = "Classify the topic of the customer's message:", Dev = "none", Shots = 8,
            Train = Path.Combine(support, "train.tsv"), Test = Path.Combine(support, "test.tsv"),
        },
    ],
    Methods =
    [
        new PlanMethod { Method = "majority" }, new PlanMethod { Method = "tfidf" }, new PlanMethod { Method = "probe" },
        new PlanMethod { Method = "lora", MaxSteps = 6 },
    ],
    Reference = "lora",
};

var folder = Directory.CreateTempSubdirectory("sktuning-sample-compare").FullName;
ComparisonResult result = ComparisonRunner.Run(plan, folder);         // run again with the same folder, it continues where it stopped
foreach (var summary in result.Summaries)
    Console.WriteLine($"{summary.Method,-10} {100 * summary.Mean:F1} ± {100 * summary.Sd:F1}");
foreach (var pair in result.Comparisons)
    Console.WriteLine($"{pair.Reference} against {pair.Method}: {pair.Outcome}, {100 * pair.Difference:+0.0;-0.0} (p = {pair.PValue:F3})");

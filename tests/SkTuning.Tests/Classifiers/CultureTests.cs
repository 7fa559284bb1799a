using System.Globalization;

namespace SkTuning.Tests.Classifiers;

/// <summary>What is trained, saved, and reported does not depend on the language of the machine.</summary>
public sealed class CultureTests
{
    [Fact]
    public void Training_saving_loading_and_reports_are_the_same_in_every_culture()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel);
        var expected = Everything(model, "");
        foreach (var culture in (string[])["de-DE", "tr-TR", "ar-SA"]) Assert.Equal(expected, Everything(model, culture));
    }

    private static string Everything(FrozenModel model, string culture)
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);   // of this test alone
        using var folder = new TemporaryFolder();
        var rows = Rows.From(Enumerable.Range(0, 24), i => $"the row {i} is {(i % 2 == 0 ? "in" : "out")}", i => i % 2 == 0 ? "I" : "i").ToList();
        var options = new TextClassifierOptions
        {
            Prompt = "In or out?",
            Training = new() { Epochs = 1, LearningRate = 0.0125, WeightDecay = 0.5, RunFolder = folder["run"] },
        };
        using (var trained = TextClassifier.Train(model, rows, options)) trained.Save(folder["a"]);
        using var loaded = TextClassifier.Load(folder["a"], model);
        var scores = RegressionTexts(model, folder);
        return string.Join('\n',
            File.ReadAllText(Path.Combine(folder["a"], "adapter.json")),
            File.ReadAllText(Path.Combine(folder["run"], "config.json")).Replace(folder.Path, ""),
            loaded.Evaluate(rows).ToString(),
            loaded.Evaluate(rows).ToJson().ToJsonString(),
            loaded.Predict("the row is in").ToString(),
            string.Join('\n', model.Describe().Lines().Where(l => !l.Key.Contains("emory"))),
            scores);
    }

    private static string RegressionTexts(FrozenModel model, TemporaryFolder folder)
    {
        File.WriteAllText(folder["rows.tsv"], "text\tlabel\n" + string.Concat(Enumerable.Range(0, 12).Select(i => $"row {i}\t{i / 2}.{i % 2 * 5}\n")));
        var rows = RowFile.Load(folder["rows.tsv"], new() { HasNumericLabels = true });
        using var trained = TextRegressor.Train(model, rows, new() { Prompt = "How much?", Training = new() { Epochs = 1, LearningRate = 0.0125 } });
        return $"{trained.Evaluate(rows)}\n{trained.Predict("row 3")}";
    }
}

using SkTuning.Peft;
using SkTuning.Tests.Heads;

namespace SkTuning.Tests.Training;

/// <summary>The presets: what they set, what overrides them, and that they train.</summary>
public sealed class PresetTests
{
    [Fact]
    public void Each_preset_describes_itself_and_a_wrong_name_is_refused_with_the_right_one()
    {
        Assert.Equal(["t-few", "cp-tuning"], Preset.Names);
        foreach (var preset in Preset.All)
        {
            Assert.Same(preset, Preset.Get(preset.Name));
            Assert.StartsWith("arXiv ", preset.Source);
            Assert.EndsWith(".", preset.Summary);
        }
        var message = Assert.ThrowsAny<SkTuningException>(() => Preset.Get("tfew")).Message;
        Assert.Contains("expected t-few or cp-tuning", message);
        Assert.Contains("Did you mean 't-few'?", message);
    }

    [Fact]
    public void T_few_is_the_recipe_of_the_paper_and_keeps_what_describes_the_task()
    {
        using var b = new WordBase("llama");
        var given = b.Options(new LoraOptions(), new LikelihoodHeadOptions()) with { Training = new() { Seed = 7, RunFolder = "r" } };
        var options = Preset.Get("t-few").ApplyTo(given, b.Model);
        Assert.Equal((given.Template, given.LabelWords, given.Dev, 7UL, "r"),
            (options.Template, options.LabelWords, options.Dev, options.Training.Seed, options.Training.RunFolder));
        Assert.Equal(new LikelihoodHeadOptions { UnlikelihoodWeight = 1, LanguageModelWeight = 1, LengthNormalized = true }, options.Head);
        Assert.IsType<Ia3Options>(options.Method);
        var training = options.Training;
        Assert.Equal((OptimizerKind.Adafactor, 3e-3, 0.06, 1000, 8, true, 0.0),
            (training.Optimizer, training.LearningRate, training.WarmUp, training.MaxSteps, training.BatchSize, training.KeepLast, training.WeightDecay));
    }

    [Theory, InlineData("bert", "mlm"), InlineData("bert", "models")]
    public void T_few_needs_a_language_model(string family, string kind)
    {
        using var b = new WordBase(family, kind);
        Assert.Contains("The preset t-few ranks label words", Assert.ThrowsAny<SkTuningException>(
            () => Preset.Get("t-few").ApplyTo(new TextClassifierOptions(), b.Model)).Message);
    }

    [Fact]
    public void T_few_trains_all_its_steps_keeps_the_last_one_and_is_folded_into_the_weights()
    {
        using var folder = new TemporaryFolder();
        using var b = new WordBase("llama");
        var options = Preset.Get("t-few").ApplyTo(b.Options(new ProbeOptions(), new LikelihoodHeadOptions()), b.Model);
        options = options with { Training = options.Training with { MaxSteps = 60 } };
        var losses = new List<double>();
        using var classifier = TextClassifier.Train(b.Model, WordBase.Rows, options, new Classifiers.TrainedOnTiny.Now(p => losses.Add(p.Loss)));
        var report = classifier.Report!;
        Assert.Equal(60, report.Steps);
        Assert.Equal(30, report.Best!.Epoch);                                   // 12 rows are two batches
        Assert.True(double.IsFinite(report.DevScore));
        Assert.True(losses[^10..].Average() < losses[..10].Average());
        Assert.Contains(classifier.Adapter.Tuned.Parameters.Values.cpu().data<float>(), v => Math.Abs(v - 1) > 0.01);

        AdapterMerge.Write(classifier, folder["merged"]);
        using var merged = FrozenModel.Load(folder["merged"], new() { Device = "cpu", CopyWeights = true });
        using var again = TextClassifier.Load(Path.Combine(folder["merged"], AdapterMerge.HeadFolder), merged);
        Assert.Equal(0, again.ParameterCount);
        foreach (var row in WordBase.Rows)
            foreach (var (label, score) in classifier.Predict(row.Text).Scores) Assert.Equal(score, again.Predict(row.Text).Scores[label], 1e-5);
    }

    [Fact]
    public void Cp_tuning_answers_at_the_mask_of_an_encoder_and_learns_without_label_words()
    {
        using var b = new WordBase("bert", "mlm");
        var preset = Preset.Get("cp-tuning");
        Assert.Null(preset.LeftOut(b.Model));
        var options = preset.ApplyTo(new TextClassifierOptions { Dev = WordBase.Rows }, b.Model);
        Assert.Equal("{text} {mask}", options.Template);
        Assert.Equal("w9 {mask} {text}", preset.ApplyTo(new TextClassifierOptions { Template = "w9 {mask} {text}" }, b.Model).Template);
        Assert.Equal(new PairCircleObjectiveOptions { MaskedWordsWeight = 1 }, options.Objective);
        Assert.Equal(new PrototypesHeadOptions { AtMask = true }, options.Head);
        using var classifier = TextClassifier.Train(b.Model, WordBase.Rows, options with { Training = options.Training with { MaxSteps = 3 } });
        Assert.Equal((3, "prompt"), (classifier.Report!.Steps, classifier.Method));
        Assert.Null(classifier.Report.Verdict);
        Assert.True(double.IsFinite(classifier.Report.DevScore));
    }

    [Theory, InlineData("bert", "models", "{text} {mask}", true), InlineData("llama", "models", "{text}", false)]
    public void Cp_tuning_says_that_it_leaves_out_the_masked_LM_loss(string family, string kind, string template, bool atMask)
    {
        using var b = new WordBase(family, kind);
        var preset = Preset.Get("cp-tuning");
        Assert.Contains("leaves out its masked-LM loss", preset.LeftOut(b.Model));
        var options = preset.ApplyTo(new TextClassifierOptions(), b.Model);
        Assert.Equal((template, Pooling.Last), (options.Template, options.Pooling));
        Assert.Equal(new PairCircleObjectiveOptions(), options.Objective);
        Assert.Equal(new PrototypesHeadOptions { AtMask = atMask }, options.Head);
        using var classifier = TextClassifier.Train(b.Model, WordBase.Rows, options with { Training = options.Training with { MaxSteps = 2 } });
        Assert.Equal(2, classifier.Report!.Steps);
    }

    [Fact]
    public void Without_a_preset_dev_rows_choose_and_with_keep_last_they_only_measure()
    {
        using var b = new WordBase("llama");
        var options = b.Options(new LoraOptions { Rank = 2 }, new LinearHeadOptions()) with
        {
            // A rate at which no epoch is better than the head alone.
            Training = new() { Epochs = 3, BatchSize = 4, LearningRate = 5, Patience = 0, DivergenceFactor = 0 },
        };
        using var chosen = TextClassifier.Train(b.Model, WordBase.Rows, options);
        using var last = TextClassifier.Train(b.Model, WordBase.Rows, options with { Training = options.Training with { KeepLast = true } });
        Assert.Equal(3, last.Report!.Best!.Epoch);
        Assert.NotEqual(3, chosen.Report!.Best!.Epoch);
        Assert.True(double.IsFinite(last.Report.DevScore));
    }
}

SkTuning.RuntimeSettings.Start(fast: true); foreach (var (k,v) in SkTuning.RuntimeSettings.Describe()) System.Console.WriteLine($"{k}: {v}");

namespace SkTuning.Compare;

/// <summary>A data set in memory: the training and dev rows of every seed, and the sealed test rows.</summary>
internal sealed class LoadedData
{
    private const ulong SplitSeed = 1;
    private readonly Dictionary<ulong, (Split Train, Split Dev)> _seeds = [];

    private LoadedData(PlanDataSet plan, Dictionary<ulong, (Split, Split)> seeds, IReadOnlyList<Row> test)
    {
        (Plan, _seeds) = (plan, seeds);
        var rows = _seeds.Values.SelectMany(s => s.Train.Rows.Concat(s.Dev.Rows)).Concat(test);
        Labels = plan.Levels is { } levels ? LabelSet.InOrder(levels) : LabelSet.Of(rows);
        foreach (var row in plan.Levels is null ? [] : rows) Labels.GetIndex(row.Label, $"the data set {plan.Name}");
        Test = new(plan.Name, test, Labels);
        Leaks = FindLeaks(test);
    }

    public PlanDataSet Plan { get; }

    /// <summary>The labels of all splits of all seeds.</summary>
    public LabelSet Labels { get; }

    public SealedTest Test { get; }

    public IReadOnlyList<ComparisonLeak> Leaks { get; }

    /// <summary>Reads the rows of a data set, and checks that every method and seed can use it.</summary>
    public static LoadedData Read(ComparisonPlan plan, PlanDataSet data)
    {
        var read = ReadRows(plan, data);
        foreach (var seed in plan.Seeds)
            foreach (var method in plan.Methods) read.Cell(method, seed);
        return read;
    }

    private static LoadedData ReadRows(ComparisonPlan plan, PlanDataSet data)
    {
        CsvFormat.Register();
        ParquetFormat.Register();
        var seeds = new Dictionary<ulong, (Split Train, Split Dev)>();
        var none = new Split([]);
        if (data.KShot is { } folder)
        {
            foreach (var seed in plan.Seeds)
                seeds[seed] = (Sampled(data, Rows($"{folder}/{seed}/train.tsv"), seed), data.HasDev ? new(Rows($"{folder}/{seed}/dev.tsv")) : none);
            return new(data, seeds, Limited(Rows($"{folder}/test.tsv"), data.TestLimit, SplitSeed));
        }
        var train = Rows(data.Train!);
        IReadOnlyList<Row> test, dev;
        if (data.CarvesTest) (train, test) = Splits.Stratified(train, (double)data.TestLimit!.Value / train.Count, SplitSeed) is var carved
            ? (carved.Train, carved.HeldOut) : default;
        else test = Limited(Rows(data.Test!), data.TestLimit, SplitSeed);
        if (!data.HasDev) dev = none.Rows;
        else if (data.Dev is { } file) dev = Rows(file);
        else (train, dev) = Splits.Stratified(train, 0.1, SplitSeed) is var parts ? (parts.Train, parts.HeldOut) : default;
        var shared = new Split(dev);
        var all = new Split(train);
        foreach (var seed in plan.Seeds) seeds[seed] = (data.Shots is null && data.Limit is null ? all : Sampled(data, train, seed), shared);
        return new(data, seeds, test);

        IReadOnlyList<Row> Rows(string path)
        {
            var rows = RowFile.Load(plan.Resolve(path), data.Columns);
            if (data.Labels is { } labels) rows = [.. rows.Where(r => labels.Contains(r.Label, StringComparer.Ordinal))];
            return rows.Count > 0 ? rows : throw new SkTuningException($"{plan.Resolve(path)}: contains no rows, expected rows of the data set {data.Name}.");
        }
    }

    public Cell Cell(PlanMethod method, ulong seed)
    {
        var (train, dev) = _seeds[seed];
        var rates = method.RatesOn(Plan);
        return new()
        {
            DataSet = Plan.Name,
            Method = method,
            Seed = seed,
            Prompt = method.Prompts.GetValueOrDefault(Plan.Name, Plan.Prompt),
            Template = method.Template ?? Plan.Template,
            Levels = Plan.Levels,
            Train = train,
            Dev = dev,
            Descriptions = CellDescriptions.Of(Plan, method, seed, Labels, LabelSet.Of(train.Rows.Concat(dev.Rows))),
            Rates = rates.Count > 0 ? [.. rates.Select(r => (double?)r)] : [null],
        };
    }

    /// <summary>Computes the data set's metric of a trial's predictions for the dev rows.</summary>
    public double DevScore(Cell cell, Predictions dev) => Plan.Metric.Of(dev.Report(Labels, Labels.IndicesOf(cell.Dev.Rows)));

    public ComparedDataSet Describe()
    {
        var (train, dev) = _seeds.First().Value;
        return new()
        {
            Name = Plan.Name,
            Task = Plan.Task ?? Plan.Name,
            Prompt = Plan.Prompt,
            Metric = Plan.Metric,
            Labels = [.. Labels],
            Descriptions = Plan.Descriptions,
            TrainRows = train.Rows.Count,
            DevRows = dev.Rows.Count,
            Truth = Test.Truth,
            Leaks = Leaks,
        };
    }

    private static Split Sampled(PlanDataSet data, IReadOnlyList<Row> rows, ulong seed)
        => new(data.Shots is { } shots ? Splits.KShot(rows, shots, seed) : Limited(rows, data.Limit, seed));

    private static IReadOnlyList<Row> Limited(IReadOnlyList<Row> rows, int? limit, ulong seed)
        => limit is { } max && max < rows.Count ? Splits.Stratified(rows, (double)max / rows.Count, seed).HeldOut : rows;

    /// <summary>Finds leaks. Splits that all seeds share are checked only once.</summary>
    private IReadOnlyList<ComparisonLeak> FindLeaks(IReadOnlyList<Row> test)
    {
        var shared = _seeds.Values.Distinct().Count() == 1;
        return [.. (shared ? _seeds.Take(1) : _seeds).SelectMany(s => SplitLeaks.Find(shared ? null : s.Key, s.Value.Train.Rows, s.Value.Dev.Rows, test))];
    }
}

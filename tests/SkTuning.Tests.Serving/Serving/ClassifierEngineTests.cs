using System.Diagnostics.Metrics;
using SkTuning.Serving;

namespace SkTuning.Tests.Serving;

/// <summary>An engine with many adapters answers as each adapter alone does, whatever else is served and changed meanwhile.</summary>
public sealed class ClassifierEngineTests(ServedOnTiny served) : IClassFixture<ServedOnTiny>
{
    private static readonly ClassifierEngineOptions Patient = new() { MaxDelay = TimeSpan.FromMilliseconds(200) };

    private static readonly string[] Texts =
    [
        "where is my parcel?", "I was charged twice for one order.", "", "hello", "The card that you sent me last week does not work in any shop, what now?",
        "refund", "please close my account today",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Texts_of_all_adapters_together_are_predicted_as_by_each_adapter_alone(bool mixesSlots)
    {
        await using var engine = new ClassifierEngine(served.Model, Patient with { MixesSlots = mixesSlots });
        foreach (var name in ServedOnTiny.Names) await engine.LoadAsync(name, served[name]);
        await engine.LoadAsync("pairs", served["pairs"]);
        var asked = (from name in ServedOnTiny.Names from text in Texts where name != "tags" || text != "" select (Name: name, Text: text)).ToList();
        var answers = asked.Select(a => engine.ClassifyAsync(a.Name, a.Text)).ToList();
        var pair = engine.ClassifyAsync("pairs", [("where is it?", "my parcel is late"), ("one text", null)]);
        await Task.WhenAll(answers);
        foreach (var ((name, text), answer) in asked.Zip(answers))
        {
            using var alone = TunedAdapter.Load(served[name], served.Model);
            AssertSame(alone.PredictTexts([text])[0], await answer, $"{name}: {text}");
        }
        using var regressor = TextRegressor.Load(served["pairs"], served.Model);
        Assert.Equal(regressor.PredictPair("where is it?", "my parcel is late").Value, ((TextRegressorPrediction)(await pair)[0]).Value, 1e-4);
        Assert.Contains("second text is missing", (await pair)[1].Error);
        Assert.True(engine.SharedBatches > 0);
    }

    [Fact]
    public async Task Only_adapters_that_read_a_text_once_and_change_no_weights_share_batches()
    {
        await using var engine = new ClassifierEngine(served.Model);
        var alone = new List<string>();
        foreach (var name in ServedOnTiny.Names)
            if (!(await engine.LoadAsync(name, served[name])).SharesBatches) alone.Add(name);
        Assert.Equal(["ipt", "ipt+bitfit", "l-tuning", "layer-mix", "top-layers", "pruned"], alone);
        Assert.Equal(ServedOnTiny.Names.Order(StringComparer.Ordinal), engine.Adapters.Select(a => a.Name));
        var lora = engine.Find("lora")!;
        Assert.Equal((1, "lora", false), (lora.Version, lora.Method, lora.ReadsPairs));
        Assert.True(lora.Bytes > 1000);
        Assert.Null(engine.Find("Lora"));
    }

    [Fact]
    public async Task Accepted_texts_are_answered_by_the_version_that_was_there()
    {
        await using var engine = new ClassifierEngine(served.Model, Patient);
        await engine.LoadAsync("a", served["probe"]);
        var before = engine.ClassifyAsync("a", Texts[0]);
        var replaced = await engine.LoadAsync("a", served["lora wide"]);
        var after = engine.ClassifyAsync("a", Texts[0]);
        Assert.True(engine.Remove("a"));
        Assert.False(engine.Remove("a"));
        Assert.Equal(2, replaced.Version);
        AssertSame(Alone("probe"), await before, "before");
        AssertSame(Alone("lora wide"), await after, "after");
        var unknown = await Assert.ThrowsAsync<UnknownAdapterException>(() => engine.ClassifyAsync("a", Texts[0]));
        Assert.Equal("a", unknown.Adapter);
        Assert.Equal(0, engine.AdapterBytes);
        Assert.Equal(3, (await engine.LoadAsync("a", served["probe"])).Version);
    }

    [Fact]
    public async Task An_adapter_that_cannot_be_loaded_leaves_the_one_of_that_name()
    {
        using var folder = new TemporaryFolder();
        await using var engine = new ClassifierEngine(served.Model);
        await engine.LoadAsync("a", served["probe"]);
        await Assert.ThrowsAsync<SkTuningFileException>(() => engine.LoadAsync("a", folder["nothing"]));
        Assert.Equal(1, engine.Find("a")!.Version);
        AssertSame(Alone("probe"), await engine.ClassifyAsync("a", Texts[0]), "kept");
    }

    [Fact]
    public async Task Without_memory_for_adapters_their_tensors_are_read_again_when_they_are_needed()
    {
        using var folder = new TemporaryFolder();
        await using var engine = new ClassifierEngine(served.Model, new() { MaxAdapterBytes = 0 });
        string[] names = ["probe", "lora", "sk-prefix"];
        foreach (var name in names)
        {
            CopyFolder(served[name], folder[name]);
            await engine.LoadAsync(name, folder[name]);
            Directory.Delete(folder[name], recursive: true);
        }
        for (var round = 0; round < 3; round++)
            foreach (var name in names)
                AssertSame(Alone(name), await engine.ClassifyAsync(name, Texts[0]), name);
        await Wait(() => engine.AdapterBytes == 0);
    }

    [Fact]
    public async Task A_full_queue_refuses_texts_or_lets_them_wait()
    {
        var few = Patient with { MaxQueuedTexts = 3, MaxQueuedTextsPerAdapter = 2, Workers = 1 };
        await using (var engine = new ClassifierEngine(served.Model, few with { RejectsWhenFull = true }))
        {
            foreach (var name in (string[])["probe", "lora"]) await engine.LoadAsync(name, served[name]);
            Task<TaskPrediction>[] accepted = [engine.ClassifyAsync("probe", "a"), engine.ClassifyAsync("probe", "b")];
            var refused = await Assert.ThrowsAsync<EngineFullException>(() => engine.ClassifyAsync("probe", "c"));
            Assert.Contains("2 texts of the adapter 'probe'", refused.Message);
            accepted = [.. accepted, engine.ClassifyAsync("lora", "d")];
            Assert.Equal(3, engine.QueuedTexts);
            // Of a call that does not fit, no text is accepted; one that cannot be read gives its place back.
            Assert.Contains("3 texts are waiting", (await Assert.ThrowsAsync<EngineFullException>(() => engine.ClassifyAsync("lora", "e"))).Message);
            await Task.WhenAll(accepted);
            await Assert.ThrowsAsync<EngineFullException>(() => engine.ClassifyAsync("lora", [("a", null), ("b", null), ("c", null)]));
            Assert.Equal(0, engine.QueuedTexts);
            for (var i = 0; i < 3; i++)
            {
                var two = await engine.ClassifyAsync("lora", [("a", null), ("a", "a pair")]);
                Assert.Equal((true, false), (two[0].Error is null, two[1].Error is null));
            }
        }
        await using (var engine = new ClassifierEngine(served.Model, few with { MaxDelay = TimeSpan.Zero }))
        {
            await engine.LoadAsync("probe", served["probe"]);
            var many = await engine.ClassifyAsync("probe", [.. Enumerable.Range(0, 20).Select(i => ($"text {i}", (string?)null))]);
            Assert.All(many, p => Assert.Null(p.Error));
        }
    }

    [Fact]
    public async Task A_canceled_text_leaves_the_queue()
    {
        await using var engine = new ClassifierEngine(served.Model, Patient with { MaxDelay = TimeSpan.FromSeconds(30), MaxQueuedTexts = 1 });
        await engine.LoadAsync("probe", served["probe"]);
        using var cancel = new CancellationTokenSource();
        var waiting = engine.ClassifyAsync("probe", "a", cancel.Token);
        var blocked = engine.ClassifyAsync("probe", "b", cancel.Token);
        Assert.Equal(1, engine.QueuedTexts);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => blocked);
        Assert.Equal(0, engine.QueuedTexts);
        Assert.True(engine.Remove("probe"));
        Assert.Equal(0, engine.AdapterBytes);
    }

    [Fact]
    public async Task Disposing_answers_what_was_accepted_and_refuses_the_rest()
    {
        var engine = new ClassifierEngine(served.Model, Patient with { MaxDelay = TimeSpan.FromSeconds(30) });
        foreach (var name in (string[])["probe", "lora"]) await engine.LoadAsync(name, served[name]);
        var accepted = Enumerable.Range(0, 20).Select(i => engine.ClassifyAsync(i % 2 == 0 ? "probe" : "lora", $"text {i}")).ToList();
        await engine.DisposeAsync();
        Assert.All(accepted, a => Assert.True(a.IsCompleted || a.Wait(5000)));
        Assert.All(await Task.WhenAll(accepted), p => Assert.Null(p.Error));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => engine.ClassifyAsync("probe", "a"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => engine.LoadAsync("probe", served["probe"]));
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Adapters_change_under_load_and_every_text_is_answered_rightly()
    {
        await using var engine = new ClassifierEngine(served.Model, new() { MaxAdapterBytes = 1 << 20 });
        string[] methods = ["probe", "lora", "sk-prefix", "sk-prompt", "bitfit"];
        var expected = methods.ToDictionary(m => m, m => Texts.Select(t => Alone(m, t)).ToList());
        foreach (var name in methods) await engine.LoadAsync(name, served[name]);
        var done = false;
        var changes = Task.Run(async () =>
        {
            for (var i = 0; i < 40; i++)
            {
                var name = methods[i % methods.Length];
                if (i % 3 == 0) engine.Remove(name);
                await engine.LoadAsync(name, served[name]);
            }
            Volatile.Write(ref done, true);
        });
        var asking = Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            for (var i = client; !Volatile.Read(ref done); i++)
            {
                var (name, text) = (methods[i % methods.Length], i / methods.Length % Texts.Length);
                try { AssertSame(expected[name][text], await engine.ClassifyAsync(name, Texts[text]), $"{name}: {text}"); }
                catch (UnknownAdapterException) { }
            }
        })).ToList();
        await changes;
        await Task.WhenAll(asking);
    }

    [Fact]
    public async Task A_listener_that_throws_ends_no_worker()
    {
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "sktuning.serving.batch.texts") l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((_, _, _, _) => throw new InvalidOperationException("a listener"));
        await using var engine = new ClassifierEngine(served.Model, new() { Workers = 1 });
        await engine.LoadAsync("probe", served["probe"]);
        listener.Start();
        for (var i = 0; i < 3; i++) AssertSame(Alone("probe"), await engine.ClassifyAsync("probe", Texts[0]), $"{i}");
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        Assert.Contains("MaxBatchTexts", Assert.Throws<SkTuningException>(() => new ClassifierEngine(served.Model, new() { MaxBatchTexts = 0 })).Message);
        Assert.Contains("Workers", Assert.Throws<SkTuningException>(() => new ClassifierEngine(served.Model, new() { Workers = 0 })).Message);
        var tooLong = new ClassifierEngineOptions { MaxDelay = TimeSpan.FromDays(1) };
        Assert.Contains("MaxDelay", Assert.Throws<SkTuningException>(() => new ClassifierEngine(served.Model, tooLong)).Message);
    }

    private TaskPrediction Alone(string name, string? text = null)
    {
        using var adapter = TunedAdapter.Load(served[name], served.Model);
        return adapter.PredictTexts([text ?? Texts[0]])[0];
    }

    private static void AssertSame(TaskPrediction expected, TaskPrediction actual, string what)
    {
        if (expected is TokenClassifierPrediction tags)
        {
            Assert.Equal(tags.Tags, ((TokenClassifierPrediction)actual).Tags);
            Assert.All(tags.Confidences.Zip(((TokenClassifierPrediction)actual).Confidences), c => Assert.Equal(c.First, c.Second, 1e-5));
            return;
        }
        var (one, two) = ((TextClassifierPrediction)expected, (TextClassifierPrediction)actual);
        Assert.True(one.Scores.All(s => Math.Abs(s.Value - two.Scores[s.Key]) < 1e-5), $"{what}: {one} and {two}");
        Assert.Equal(one.Label, two.Label);
        Assert.Equal(one.WasTruncated, two.WasTruncated);
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static async Task Wait(Func<bool> until)
    {
        for (var i = 0; i < 100 && !until(); i++) await Task.Delay(20);
        Assert.True(until());
    }
}

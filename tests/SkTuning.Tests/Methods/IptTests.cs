using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Methods;
using SkTuning.Methods.Ipt;
using SkTuning.Models;
using SkTuning.Peft;
using SkTuning.Prompts;
using SkTuning.Tests.Training;
using SkTuning.Training;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tests.Methods;

/// <summary>What is special about <c>ipt</c>; what all methods promise is in <see cref="EveryMethodTests"/>.</summary>
public sealed class IptTests(SmallTask task) : IClassFixture<SmallTask>
{
    private static readonly int[][] Rows = [[7, 33, 12, 95, 20, 8], [5, 6], [90, 41, 13]];

    private static readonly IptOptions Small = new() { TableRows = 8, Bottleneck = 3 };

    public static IEnumerable<TheoryDataRow<string, PrefixStart, IptForm, bool>> Starts()
        => from family in (string[])["llama", "bert", "bloom"]
           from start in Enum.GetValues<PrefixStart>()
           from form in Enum.GetValues<IptForm>()
           from trains in start == PrefixStart.Text ? (bool[])[true, false] : [true]
           select new TheoryDataRow<string, PrefixStart, IptForm, bool>(family, start, form, trains);

    [Theory, MemberData(nameof(Starts))]
    public void With_vectors_of_zero_it_is_prefix_tuning_bit_for_bit(string family, PrefixStart start, IptForm form, bool trainsPrefix)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var plain = new On(family, new PrefixTuningOptions { Start = start, Tokens = 3 });
        using var ipt = new On(family, Small with { Start = start, Tokens = 3, Form = form, TrainsPrefix = trainsPrefix });
        using var batch = TokenBatch.Of(Rows, TestDevice.Torch);
        Fixtures.AssertSame(plain.States(batch), ipt.States(batch), "states");
        Assert.Equal((plain.Method.Length, plain.Method.HoldsStart), (ipt.Method.Length, ipt.Method.HoldsStart));
        ipt.Perturb();
        Assert.True((plain.States(batch) - ipt.States(batch)).abs().max().item<float>() > 1e-5, "the vectors changed nothing");
    }

    [Fact]
    public void A_position_gets_the_vector_of_the_token_there_and_none_after_the_end_of_the_text()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var on = new On("llama", Small with { Scale = 0.5 });
        on.Perturb();
        using var batch = TokenBatch.Of(Rows, TestDevice.Torch);
        var (all, plain, table) = (on.ForRows(batch).Prefix!, on.Tuned.Bake().Prefix!, on.Parameter("table"));
        var hashed = TokenIds.Hashed(batch.Ids, 8).cpu();
        var (heads, size) = (on.Config.Attention.KeyValueHeads, on.Config.Attention.HeadSize);
        for (var r = 0; r < Rows.Length; r++)
            for (var i = 0; i < on.Method.Length; i++)
            {
                var (keys, values) = (plain[0]!.Keys[0].select(1, i), plain[0]!.Values[0].select(1, i));                // [Hkv,Dh]
                if (i < Rows[r].Length)
                {
                    var vector = table[hashed[r, i].item<long>()].view(2, heads, size) * 0.5;
                    (keys, values) = (keys + vector[0], values + vector[1]);
                }
                Fixtures.AssertSame(keys, all[0]!.Keys[r].select(1, i), $"keys of row {r} at {i}");
                Fixtures.AssertSame(values, all[0]!.Values[r].select(1, i), $"values of row {r} at {i}");
            }
        for (var l = 1; l < on.Config.Layers; l++) Assert.Same(plain[l], all[l]);
    }

    [Theory, InlineData(IptForm.Table, IptIds.Own), InlineData(IptForm.Table, IptIds.Shuffled), InlineData(IptForm.Encoder, IptIds.Own)]
    [InlineData(IptForm.Encoder, IptIds.Shuffled)]
    public void Equal_texts_get_equal_keys_and_values_whatever_stands_beside_them(IptForm form, IptIds ids)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var on = new On("bert", Small with { Form = form, Ids = ids, TableRows = 64 });
        on.Perturb();
        using var alone = TokenBatch.Of([Rows[1]], TestDevice.Torch);
        using var padded = TokenBatch.Of([Rows[0], Rows[1], Rows[2], Rows[1]], TestDevice.Torch);
        using var windows = TokenBatch.Of([new EncodedRow(Rows[0]), new EncodedRow(Rows[1]) { Windows = [new(Rows[1]), new(Rows[2])] }], TestDevice.Torch);
        var expected = on.ForRows(alone).Prefix![0]!;
        foreach (var (batch, row) in ((TokenBatch, int)[])[(padded, 1), (padded, 3), (windows, 1)])
        {
            var found = on.ForRows(batch).Prefix![0]!;
            Fixtures.AssertClose(expected.Keys[0], found.Keys[row], "keys", form == IptForm.Table ? 0 : 1e-6);
            Fixtures.AssertClose(expected.Values[0], found.Values[row], "values", form == IptForm.Table ? 0 : 1e-6);
        }
        Assert.True((on.ForRows(padded).Prefix![0]!.Keys[2] - expected.Keys[0]).abs().max().item<float>() > 1e-4, "two texts have the same keys");
    }

    [Fact]
    public void Only_the_rows_of_the_table_that_the_first_tokens_choose_have_a_gradient()
    {
        using var scope = NewDisposeScope();
        using var on = new On("llama", new IptOptions { TableRows = 4096 });
        using var batch = TokenBatch.Of(Rows, TestDevice.Torch);
        F.cross_entropy(on.Tuned.Live(batch), tensor(new long[] { 0, 2, 1 }).Here()).backward();
        var gradient = on.Parameter("table").grad!.abs().sum(1).cpu().data<float>().ToArray();
        var read = tensor(Rows.SelectMany(r => r.Take(on.Method.Length)).Select(i => (long)i).ToArray());
        long[] touched = [.. TokenIds.Hashed(read, 4096).data<long>().ToArray().Distinct().Order()];
        Assert.Equal(9, touched.Length);                                                                // four, two and three tokens
        Assert.Equal(touched, gradient.Index().Where(g => g.Item > 0).Select(g => (long)g.Index));
    }

    [Fact]
    public void The_hash_of_a_token_is_fixed_and_spreads_tokens_over_the_table()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([0, 2481, 866, 3347, 2958, 3049], TokenIds.Hashed(tensor(new long[] { 0, 1, 2, 3, 30521, 151_935 }), 4096).data<long>().ToArray());
        var load = new int[4096];
        foreach (var row in TokenIds.Hashed(arange(30_522, ScalarType.Int64), 4096).data<long>()) load[row]++;
        Assert.Equal((6, 10), (load.Min(), load.Max()));
        Assert.All(TokenIds.Hashed(arange(100, ScalarType.Int64), 1).data<long>().ToArray(), r => Assert.Equal(0, r));
    }

    [Fact]
    public void Shuffled_ids_are_other_ones_in_each_text_and_as_many()
    {
        using var scope = NewDisposeScope();
        int[] text = [7, 33, 12, 7, 20, 8];
        long[][] moved = [.. ((int[][])[text, [33, 7, 12, 7, 20, 8], [7, 33, 12], [.. text, 9]]).Select(t => Moved(t))];
        foreach (var (t, ids) in moved.Index())
        {
            var distance = (ids[0] - (t == 1 ? 33 : 7) + 1000) % 1000;
            Assert.InRange(distance, 1, 999);
            Assert.All(ids, i => Assert.InRange(i, 0, 999));
        }
        Assert.Equal(text.Distinct().Count(), moved[0].Distinct().Count());
        Assert.Equal(moved[0][0], moved[0][3]);
        Assert.Equal(4, moved.Select(ids => (ids[2] - 12 + 1000) % 1000).Distinct().Count());
        Assert.Equal(moved[0], Moved(text, padding: 3)[..6]);

        static long[] Moved(int[] ids, int padding = 0)
        {
            long[] all = [.. ids.Select(i => (long)i), .. new long[padding]], real = [.. ids.Select(_ => 1L), .. new long[padding]];
            return TokenIds.Moved(tensor(all).unsqueeze(0), tensor(real).unsqueeze(0), 1000).data<long>().ToArray();
        }
    }

    [Theory, InlineData(IptForm.Table), InlineData(IptForm.Encoder)]
    public void Shuffled_ids_change_what_a_text_gets_and_not_what_is_trained(IptForm form)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var own = new On("bert", Small with { Form = form, TableRows = 64 });
        using var shuffled = new On("bert", Small with { Form = form, TableRows = 64, Ids = IptIds.Shuffled });
        own.Perturb();
        shuffled.Perturb();
        using var batch = TokenBatch.Of(Rows, TestDevice.Torch);
        Fixtures.AssertSame(own.Tuned.Parameters.Values, shuffled.Tuned.Parameters.Values, "trained values");
        var (mine, others) = (own.ForRows(batch).Prefix![0]!.Keys, shuffled.ForRows(batch).Prefix![0]!.Keys);
        for (var r = 0; r < Rows.Length; r++) Assert.True((mine[r] - others[r]).abs().max().item<float>() > 1e-4, $"row {r} has its own tokens");
        using var live = TokenBatch.Of([Rows[2]], TestDevice.Torch);
        Fixtures.AssertClose(others[2], shuffled.ForRows(live).Prefix![0]!.Keys[0], "the same tokens at a prediction", 1e-6);
    }

    [Fact]
    public void Words_that_a_head_adds_to_a_text_choose_nothing()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var on = new On("llama", Small);
        on.Perturb();
        EncodedRow row = new(Rows[1]);
        var (ids, mask) = (tensor(new long[,] { { 5, 6, 70, 71 }, { 5, 6, 72, 0 } }).Here(), tensor(new long[,] { { 1, 1, 1, 1 }, { 1, 1, 1, 0 } }).Here());
        var asked = new TokenBatch(ids, mask) { Rows = [row, row] };
        var keys = on.ForRows(asked).Prefix![0]!.Keys;
        Fixtures.AssertSame(keys[0], keys[1], "keys of two answers");
        using var batch = TokenBatch.Of([row], TestDevice.Torch);
        Fixtures.AssertSame(on.ForRows(batch).Prefix![0]!.Keys[0], keys[0], "keys of the text");
    }

    [Theory, InlineData(true), InlineData(false)]
    public void No_states_are_kept_below_a_layer(bool trainsPrefix)
    {
        using var scope = NewDisposeScope();
        using var on = new On("llama", Small with { TrainsPrefix = trainsPrefix });
        Assert.Equal(0, LowerLayerCache.LayerOf(on.Tuned));
        Assert.Equal(trainsPrefix ? ["embeddings", "table"] : ["table"], on.Method.Parameters.Select(p => p.Name));
    }

    [Fact]
    public void Features_are_shared_only_between_equal_tables()
    {
        using var scope = NewDisposeScope();
        using var on = new On("llama", Small);
        using var shared = new SharedWork(task.Model, task);
        var made = 0;
        EncodedRow[] rows = [.. Rows.Select(r => new EncodedRow(r))];
        Features();
        Features();
        Assert.Equal(1, made);
        on.Tuned.Parameters.Set("adapter.table", on.Parameter("table") + 1);
        Features();
        Assert.Equal(2, made);

        void Features() => shared.Features("head", on.Tuned, rows, () =>
        {
            made++;
            return zeros(1);
        });
    }

    [Theory, InlineData("ipt"), InlineData("ipt+bitfit")]
    public void A_run_that_was_stopped_goes_on_with_the_table_as_it_was(string method)
    {
        using var folder = new TemporaryFolder();
        var options = new TrainingOptions { Epochs = 2, BatchSize = 8, Patience = 0 };
        var tuning = TuningOptions.Create(method, [new(method == "ipt" ? "tableRows" : "ipt.tableRows", "64")]);
        using var undisturbed = task.Train(options, method: tuning);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<TrainingCanceledException>(() => task.Train(options with { RunFolder = folder["run"] }, p =>
        {
            if (p.Step == 2) stop.Cancel();
        }, tuning, stop.Token)).Result.Dispose();
        using var resumed = task.Train(options with { RunFolder = folder["run"], Resume = true }, method: tuning);
        Assert.Equal(SmallTask.Values(undisturbed), SmallTask.Values(resumed));
        Assert.Equal(undisturbed.Report!.Epochs, resumed.Report!.Epochs);
    }

    [Fact]
    public void What_it_cannot_do_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        using var trained = task.Train(new() { MaxSteps = 1 }, method: Small);
        Refused(() => AdapterMerge.Write(trained, folder["a"]), "ipt inserts keys and values");
        Refused(() => trained.Explain("where is my parcel?", kind: ExplanationKind.GradientTimesInput), "The method ipt", "Occlusion");
        Assert.Contains(trained.Explain("where is my parcel?").Words, w => w.Weight != 0);
        using var hugging = TextClassifier.Train(task.Model, task.Rows,
            task.Options(new() { MaxSteps = 1 }, TuningOptions.Create("ipt+lora", [new("ipt.tableRows", "8")])) with { Head = new HuggingFaceHeadOptions() });
        Refused(() => PeftInterop.Export(hugging, folder["b"]), "The method ipt+lora cannot be written for PEFT", "Train prefix");
        Assert.False(Directory.Exists(folder["a"]) || Directory.Exists(folder["b"]));
        Refused(() => TuningOptions.Create("ipt+prefix"), "both insert something before the text");
        Refused(() => { using var on = new On("bert", Small with { Tokens = 5 }); }, "IptOptions.Tokens is 5, but the prompt has 4 tokens");
        using var bert = new On("bert", Small);
        Refused(() => Small.CreateMethod(bert.Config with { TakesPrefix = false }, bert.Prompt), "ipt: models of the family bert cannot take a prefix");

        static void Refused(Action action, params string[] parts)
        {
            var message = Assert.ThrowsAny<SkTuningException>(action).Message;
            foreach (var part in parts) Assert.Contains(part, message);
        }
    }

    [Theory]
    [InlineData("tokens", "0", "1 to 4096"), InlineData("scale", "0", "above 0"), InlineData("tableRows", "0", "1 to 1048576")]
    [InlineData("form", "lstm", "Encoder"), InlineData("bottleneck", "0", "1 to 4096"), InlineData("trainsPrefix", "maybe", "true or false")]
    [InlineData("ids", "2", "Own, Shuffled")]
    public void Settings_it_cannot_use_are_refused_by_name(string setting, string value, string expected)
        => Assert.Contains(expected, Assert.ThrowsAny<SkTuningException>(() => TuningOptions.Create("ipt", [new(setting, value)])).Message);

    [Fact]
    public void A_prefix_that_is_not_trained_needs_a_text()
        => Assert.Contains("IptOptions.TrainsPrefix", Assert.ThrowsAny<SkTuningException>(
            () => TuningOptions.Create("ipt", [new("trainsPrefix", "false"), new("start", "random")])).Message);

    private sealed class On : IDisposable
    {
        public On(string family, TuningOptions options)
        {
            Transformer = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", family), new() { Device = TestDevice.Name }, TestDevice.Torch)
                .Transformer;
            Prompt = PromptEncoding.Read(Transformer, [5, 17, 90, 3], TestDevice.Torch);
            Method = options.CreateMethod(Config, Prompt);
            var head = new LinearHead(3, Config.Hidden, Pooling.Mean);
            Tuned = new(Transformer, Method, head, new(TunedModel.Specs(Method, head), 1, TestDevice.Torch));
        }

        public Transformer Transformer { get; }
        public ModelConfig Config => Transformer.Config;
        public PromptEncoding Prompt { get; }
        public TuningMethod Method { get; }
        public TunedModel Tuned { get; }

        public Tensor Parameter(string name) => Tuned.Parameters.Adapter(name);

        public Injection ForRows(TokenBatch batch) => Method.ForRows(Tuned.Bake(), batch, Tuned.Parameters, training: false);

        public Tensor States(TokenBatch batch) => Transformer.Forward(new() { Ids = batch.Ids, Mask = batch.Mask, Injection = ForRows(batch) }).Text;

        public void Perturb()
            => Tuned.Parameters.Restore(Tuned.Parameters.Values + randn([Tuned.Parameters.Count], generator: new Generator(3)).Here() * 0.1);

        public void Dispose()
        {
            Tuned.Dispose();
            Prompt.Dispose();
            Transformer.Dispose();
        }
    }
}

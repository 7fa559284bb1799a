using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Heads.LabelTexts;
using SkTuning.Models;
using SkTuning.Onnx;
using SkTuning.Onnx.Format;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Tests.Onnx;

/// <summary>The scores and features of every kind of head in ONNX Runtime equal those of the library.</summary>
public sealed class OnnxHeadTests
{
    private static readonly int[][] Rows = [[7, 33, 12, 95, 20, 8], [5, 6], [90, 41, 13]];

    private static readonly Dictionary<string, Func<Transformer, Head>> Heads = new()
    {
        ["linear, last token"] = t => new LinearHead(3, t.Config.StateSize, Pooling.Last),
        ["linear, first token"] = t => new LinearHead(3, t.Config.StateSize, Pooling.First),
        ["linear, attention"] = t => new LinearHead(3, t.Config.StateSize, Pooling.Attention),
        ["semantic"] = t => new SemanticHead(3, t.Config.StateSize, Pooling.Mean, t.Config.Causal, 10, 4),
        ["prototypes"] = t => new PrototypesHead(3, t.Config.StateSize, Pooling.Mean, t.Config.Causal, 10, atMask: false),
        ["prototypes, at the mask"] = t => new PrototypesHead(
            3, t.HasMaskedHead ? t.Embeddings.Size : t.Config.StateSize, Pooling.Last, false, 10, atMask: true),
        ["ordinal"] = t => new OrdinalHead(4, t.Config.StateSize, Pooling.Mean, t.Config.Causal, 2, 4),
        ["label texts"] = t => new LabelTextsHead(3, t.Config.StateSize, Pooling.Mean, t.Config.Causal, 0.1),
        ["label words"] = t => new LabelWordsHead(t, [4, 9, 17], frozen: false),
        ["label words, frozen"] = t => new LabelWordsHead(t, [4, 9, 17], frozen: true),
        ["hf"] = t => new HuggingFaceHead(t, 3),
    };

    public static IEnumerable<TheoryDataRow<string, string>> Cases()
        => from head in Heads.Keys
           from folder in (string[])["models/llama", "models/gemma2", "models/opt", "models/bert", "models/roberta", "mlm/bert", "mlm/deberta-v2",
               "mlm/modernbert"]
           where Directory.Exists(Path.Combine(Fixtures.Root, folder))
           select new TheoryDataRow<string, string>(head, folder);

    [Theory, MemberData(nameof(Cases))]
    public void Scores_and_features_are_those_of_the_library(string head, string folder) => On(head, folder, false, (tuned, batch) =>
    {
        using var like = zeros(1);
        var withFeatures = tuned.Head.DistanceMap(tuned.Parameters, like) is not null;
        using var run = new OnnxRun(AdapterGraph.Of(tuned, OnnxPrecision.Float32, false, false, withFeatures).Graph);
        var outputs = run.Run(batch);
        var expected = withFeatures ? tuned.BakedWithFeatures(batch) : tuned.Baked(batch);
        var labels = outputs["scores"].shape[1];
        Fixtures.AssertClose(expected.narrow(1, 0, labels), outputs["scores"], "scores");
        if (withFeatures) Fixtures.AssertClose(expected.narrow(1, labels, expected.shape[1] - labels), outputs["features"], "features");
    });

    [Theory, MemberData(nameof(Cases))]
    public void An_input_prompt_changes_nothing_about_that(string head, string folder) => On(head, folder, true, (tuned, batch) =>
    {
        using var run = new OnnxRun(AdapterGraph.Of(tuned, OnnxPrecision.Float32, false, false, false).Graph);
        Fixtures.AssertClose(tuned.Baked(batch), run.Run(batch)["scores"], "scores");
    });

    [Theory, InlineData("linear, last token", "models/bert"), InlineData("linear, last token", "models/llama"), InlineData("label words", "mlm/bert"),
        InlineData("prototypes, at the mask", "mlm/bert")]
    public void Answers_at_positions_and_token_types_are_those_of_the_library(string head, string folder) => On(head, folder, false, (tuned, _) =>
    {
        var hasTypes = tuned.Transformer.Config.Embedding.TokenTypes > 1;
        int[][] answers = head is "label words" or "prototypes, at the mask" ? [[2], [0], [1]] : [[0, 4], [1], []];
        using var batch = TokenBatch.Of([.. Rows.Select((r, i) => new EncodedRow(r)
        {
            AnswerPositions = answers[i], TypeIds = hasTypes ? [.. r.Select((_, t) => t % 2)] : null,
        })], CPU);
        using var run = new OnnxRun(AdapterGraph.Of(tuned, OnnxPrecision.Float32, hasTypes, answersAtPositions: true, withFeatures: false).Graph);
        Fixtures.AssertClose(tuned.Baked(batch), run.Run(batch)["scores"], "scores");
    });

    [Theory, InlineData(OnnxPrecision.Float16, 0.01), InlineData(OnnxPrecision.Int8, 0.1)]
    public void Smaller_weights_give_nearly_the_same_scores(OnnxPrecision precision, double tolerance) => On("semantic", "models/bert", false, (tuned, batch) =>
    {
        using OnnxRun exact = new(AdapterGraph.Of(tuned, OnnxPrecision.Float32, false, false, false).Graph),
            small = new(AdapterGraph.Of(tuned, precision, false, false, false).Graph);
        Assert.True(new FileInfo(small.File).Length < 0.75 * new FileInfo(exact.File).Length);
        var (expected, scores) = (exact.Run(batch)["scores"], small.Run(batch)["scores"]);
        Fixtures.AssertClose(expected, scores, "scores", tolerance * expected.abs().max().item<float>());
        Assert.False(expected.Equals(scores));
    });

    [Fact]
    public void Weights_in_a_second_file_give_the_same_scores() => On("semantic", "models/llama", false, (tuned, batch) =>
    {
        var graph = AdapterGraph.Of(tuned, OnnxPrecision.Float32, false, false, false).Graph;
        using OnnxRun one = new(graph), two = new(graph, maxInside: 1000);
        Assert.True(File.Exists(two.File + ".data") && !File.Exists(one.File + ".data"));
        Fixtures.AssertSame(one.Run(batch)["scores"], two.Run(batch)["scores"], "scores");
    });

    [Fact]
    public void Tensors_in_a_second_file_follow_each_other_in_blocks_of_4096_bytes_and_small_ones_stay_in_the_first()
    {
        using var folder = new TemporaryFolder();
        OnnxFile.Write(new([], [], [], [Of(1, 4097), Of(2, 4096), Of(3, 1024), Of(4, 1023)]), folder["model.onnx"], [], maxInside: 1);
        var data = File.ReadAllBytes(folder["model.onnx.data"]);
        byte[] expected = [.. Block(1, 4097, 8192), .. Block(2, 4096, 4096), .. Block(3, 1024, 1024)];
        Assert.Equal(expected, data);
        Assert.True(File.ReadAllBytes(folder["model.onnx"]).AsSpan().IndexOf(Block(4, 1023, 1023)) > 0);

        static StoredTensor Of(byte value, int count) => new($"t{value}", ElementType.Int8, [count], s => s.Write(Block(value, count, count)));

        static byte[] Block(byte value, int count, int size) => [.. Enumerable.Repeat(value, count), .. new byte[size - count]];
    }

    [Fact]
    public void A_file_names_what_wrote_it_and_has_the_metadata_that_was_given() => On("semantic", "models/llama", false, (tuned, _) =>
    {
        using var run = new OnnxRun(AdapterGraph.Of(tuned, OnnxPrecision.Float32, false, false, false).Graph);
        var about = run.Session.ModelMetadata;
        Assert.Equal(("SkTuning", "sktuning", ""), (about.ProducerName, about.GraphName, about.Domain));
        Assert.Equal(new Dictionary<string, string> { ["key"] = "value" }, about.CustomMetadataMap);
        // The version of the library is field 3, which ONNX Runtime does not show.
        var version = LibraryVersion.Text;
        var start = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(run.File).AsSpan(0, 64));
        Assert.Contains($"\u001a{(char)version.Length}{version}", start, StringComparison.Ordinal);
    });

    [Fact]
    public void A_row_has_the_same_scores_with_padding_on_the_left() => On("linear, last token", "models/llama", false, (tuned, _) =>
    {
        using var scope = NewDisposeScope();
        using var run = new OnnxRun(AdapterGraph.Of(tuned, OnnxPrecision.Float32, false, false, false).Graph);
        using TokenBatch alone = TokenBatch.Of([Rows[1]], CPU),
            left = new(tensor((long[])[0, 0, 0, 5, 6], [1, 5]), tensor((long[])[0, 0, 0, 1, 1], [1, 5]));
        Fixtures.AssertClose(run.Run(alone)["scores"], run.Run(left)["scores"], "scores");
    });

    private static void On(string name, string folder, bool prompted, Action<TunedModel, TokenBatch> test)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var transformer = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, folder), new(), CPU).Transformer;
        Head head;
        try
        {
            head = Heads[name](transformer);
            Assert.SkipWhen(head is LabelWordsHead && !transformer.HasHead && !transformer.HasMaskedHead, "The checkpoint has no head for words.");
        }
        catch (SkTuningException e)
        {
            Assert.Skip(e.Message);
            return;
        }
        using var prompt = PromptEncoding.Read(transformer, [5, 17, 9], CPU);
        var method = (prompted ? (TuningOptions)new PromptTuningOptions() : new ProbeOptions()).CreateMethod(transformer.Config, prompt, []);
        using var parameters = new ParameterSet(TunedModel.Specs(method, head), 1, CPU);
        parameters.Restore(parameters.Values + randn([parameters.Values.shape[0]], generator: new Generator(3)).Here() * 0.1);
        using var tuned = new TunedModel(transformer, method, head, parameters);
        using var batch = TokenBatch.Of(Rows, CPU);
        test(tuned, batch);
    }
}

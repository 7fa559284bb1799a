using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Tests.Methods;

/// <summary>Two properties of the authors' code for causal models that make it cheaper than it seems.</summary>
public sealed class AuthorsLlmTests
{
    private static readonly int[][] Rows = [[7, 33, 12, 95, 20, 8], [5, 6], [90, 41, 13]];

    public static TheoryData<string> Families => ["llama", "gpt2", "bloom"];

    [Theory, MemberData(nameof(Families))]
    public void Without_a_transform_prefix_and_prompt_give_the_same_text_states(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var on = new On(family);
        using var batch = TokenBatch.Of(Rows, CPU);
        var (asPrefix, asPrompt) = (States(AuthorsPlace.Prefix), States(AuthorsPlace.Prompt));
        foreach (var (r, row) in Rows.Index())
            Fixtures.AssertClose(asPrompt[r].narrow(0, 0, row.Length), asPrefix[r].narrow(0, 0, row.Length), $"row {r}", 1e-5);

        Tensor States(AuthorsPlace place)
        {
            var method = new AuthorsLlmOptions { Place = place }.CreateMethod(on.Transformer.Config, on.Prompt);
            using var parameters = new ParameterSet(method.Parameters.Select(p => p with { Name = ParameterSet.AdapterPrefix + p.Name }), 1, CPU);
            // The embeddings as after training, not as at the start.
            parameters.Restore(parameters.Values + randn(parameters.Values.shape, generator: new Generator(5)) * 0.3);
            return on.Transformer.Forward(method.Request(on.Transformer, batch, method.Inject(parameters, training: false))).Text;
        }
    }

    [Theory, MemberData(nameof(Families))]
    public void As_many_copies_of_the_prompt_as_rows_give_what_one_copy_gives(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var on = new On(family);
        var words = on.Prompt.Words.unsqueeze(0);
        var (one, many) = (Read(1), Read(Rows.Length));
        foreach (var (l, (a, b)) in one.Zip(many).Index())
            for (var r = 0; r < Rows.Length; r++)
            {
                Fixtures.AssertClose(a.Keys[0], b.Keys[r], $"keys of layer {l}, copy {r}", 1e-6);
                Fixtures.AssertClose(a.Values[0], b.Values[r], $"values of layer {l}, copy {r}", 1e-6);
            }
        using var batch = TokenBatch.Of(Rows, CPU);
        Fixtures.AssertClose(Text(many), Text(one), "text states", 1e-5);

        IReadOnlyList<LayerPrefix> Read(int copies)
            => on.Transformer.Forward(new()
            {
                Ids = zeros(copies, on.Prompt.Length, dtype: ScalarType.Int64), InputEmbeddings = words.expand(copies, -1, -1),
                KeepKeyValues = true
            }).KeyValues;
        Tensor Text(IReadOnlyList<LayerPrefix> prefix)
            => on.Transformer.Forward(new() { Ids = batch.Ids, Mask = batch.Mask, Injection = Injection.OfPrefix(prefix) }).Text;
    }

    private sealed class On : IDisposable
    {
        public On(string family)
        {
            var folder = Path.Combine(Fixtures.Root, "models", family);
            Fixtures.SkipWithout(folder);
            Transformer = FrozenModel.LoadTransformer(folder, new() { Device = "cpu" }, CPU).Transformer;
            Prompt = PromptEncoding.Read(Transformer, [5, 17, 90, 3], CPU);
        }

        public Transformer Transformer { get; }

        public PromptEncoding Prompt { get; }

        public void Dispose()
        {
            Prompt.Dispose();
            Transformer.Dispose();
        }
    }
}

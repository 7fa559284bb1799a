using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>Contract 3: the states of a row depend neither on the other rows of its batch nor on the side or length of the padding.</summary>
[Trait("Category", "Parity")]
public sealed class BatchInvarianceTests
{
    private const double Tolerance = 1e-5;

    public static IEnumerable<TheoryDataRow<string, bool>> Families()
        => from family in Fixtures.Folders("models", "expected.safetensors", "model.safetensors")
           where ParityTable.ConfigOf(family) is not null
           from left in (bool[])[false, true]
           select new TheoryDataRow<string, bool>(family, left);

    [Theory, MemberData(nameof(Families))]
    public void A_row_is_the_same_alone_with_others_and_with_more_padding(string family, bool left) => On(family, (p, injection) =>
    {
        for (var r = 0; r < p.Lengths.Length; r++)
        {
            var alone = p.Transformer.Forward(new() { Ids = p.Row(r), Injection = injection }).Text[0];
            foreach (var width in (long[])[p.Lengths.Max(), p.Lengths.Max() + 7])
            {
                Fixtures.AssertClose(alone, Text(p, [r], width, left, injection, 0), $"row {r} padded to {width}", Tolerance);
                var others = Enumerable.Range(0, p.Lengths.Length).OrderBy(o => o == r ? 1 : 0).ToArray();
                Fixtures.AssertClose(alone, Text(p, others, width, left, injection, others.Length - 1), $"row {r} after other rows, padded to {width}",
                    Tolerance);
                Fixtures.AssertClose(alone, Text(p, [r, r, (r + 1) % others.Length], width, left, injection, 1), $"row {r} twice, padded to {width}",
                    Tolerance);
            }
        }
    });

    [Theory, MemberData(nameof(Families))]
    public void Rows_with_prefixes_of_different_lengths_share_a_batch(string family, bool left)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var p = new Parity(Path.Combine(Fixtures.Root, "models", family), "config.json");
        if (!p.Transformer.Config.TakesPrefix) return;
        var whole = p.Expected["prefix"];                                                                       // [L,2,Hkv,P,Dh]
        var (length, kept) = (whole.shape[3], whole.shape[3] - 2);
        var shorter = whole.narrow(3, 0, kept);
        var filler = ones([.. whole.shape[..3], 2, whole.shape[4]]).Here();
        var padded = left ? cat([filler, shorter], 3) : cat([shorter, filler], 3);
        var injection = new Injection
        {
            Prefix = [.. Enumerable.Range(0, (int)whole.shape[0])
                .Select(l => new LayerPrefix(stack([whole[l][0], padded[l][0]]), stack([whole[l][1], padded[l][1]])))],
            PrefixMask = stack([ones(length, ScalarType.Int64),
                left ? cat([zeros(2, ScalarType.Int64), ones(kept, ScalarType.Int64)])
                : cat([ones(kept, ScalarType.Int64), zeros(2, ScalarType.Int64)])]).Here(),
            PositionOffset = tensor(new[] { length, kept }).Here(),
        };
        var width = Math.Max(p.Lengths[0], p.Lengths[1]);
        foreach (var (row, prefix) in new[] { (0, whole), (1, shorter) })
        {
            var alone = p.Transformer.Forward(new() { Ids = p.Row(row), Injection = p.Prefix(prefix) }).Text[0];
            Fixtures.AssertClose(alone, Text(p, [0, 1], width, left, injection, row), $"row {row} after a prefix of {prefix.shape[3]}", Tolerance);
        }
    }

    private static Tensor Text(Parity p, int[] rows, long width, bool left, Injection injection, int asked)
    {
        var (ids, mask) = p.Batch(rows, width, left);
        var text = p.Transformer.Forward(new() { Ids = ids, Mask = mask, Injection = injection }).Text[asked];
        var length = p.Lengths[rows[asked]];
        return text.narrow(0, left ? width - length : 0, length);
    }

    private static void On(string family, Action<Parity, Injection> test)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var p = new Parity(Path.Combine(Fixtures.Root, "models", family), "config.json");
        test(p, Injection.None);
        test(p, p.Prompt(p.Expected["prompt"]));
        if (p.Transformer.Config.TakesPrefix) test(p, p.Prefix(p.Expected["prefix"]));
        var (layers, a) = (p.Transformer.Config.Layers, p.Transformer.Config.Attention);
        var memory = randn([layers, a.Heads, a.HeadSize, a.HeadSize], generator: new Generator(7)).Here() * 0.2;
        test(p, new() { Memory = [.. Enumerable.Range(0, layers).Select(l => memory[l].unsqueeze(0))] });
    }
}

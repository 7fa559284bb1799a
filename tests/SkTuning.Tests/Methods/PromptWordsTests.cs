using SkTuning.Adapters;
using SkTuning.Prompts;
using SkTuning.Tests.Classifiers;
using static TorchSharp.torch;

namespace SkTuning.Tests.Methods;

/// <summary>Prompts whose words were replaced, so that they lose their meaning.</summary>
public sealed class PromptWordsTests(EveryMethodSavedTests.Tiny tiny) : IClassFixture<EveryMethodSavedTests.Tiny>
{
    private FrozenModel Model => tiny.Model;

    private int[] Written => TextEncoder.PromptIds(Model.Tokenizer, causal: true, TrainedOnTiny.Prompt);

    [Fact]
    public void Random_words_are_as_many_and_follow_from_the_seed()
    {
        var (one, again, other) = (Ids(PromptWords.Random, 1), Ids(PromptWords.Random, 1), Ids(PromptWords.Random, 2));
        Assert.Equal(Written.Length, one.Length);
        Assert.Equal(one, again);
        Assert.NotEqual(one, other);
        Assert.True(one.Intersect(Written.Except(Model.Tokenizer.PrefixSpecialIds)).Count() <= 1);
        Assert.All(one[Model.Tokenizer.PrefixSpecialIds.Count..], id => Assert.Contains(Model.Tokenizer.TokenOf(id)!, char.IsLetter));
    }

    [Fact]
    public void Permuted_words_are_the_same_in_another_order_and_special_tokens_stay()
    {
        var permuted = Ids(PromptWords.Permuted, 1);
        Assert.NotEqual(Written, permuted);
        Assert.Equal(Written.Order(), permuted.Order());
        Assert.Equal(Model.Tokenizer.PrefixSpecialIds, permuted[..Model.Tokenizer.PrefixSpecialIds.Count]);
        Assert.Equal(Written, Ids(PromptWords.AsWritten, 1));
        Assert.Equal(Written, Ids(PromptWords.Vectors, 1));
    }

    [Fact]
    public void Random_vectors_are_as_long_as_those_they_replace_and_point_elsewhere()
    {
        using var scope = NewDisposeScope();
        using var read = PromptEncoding.Read(Model.Transformer, Written, CPU);
        int[] places = [.. Enumerable.Range(1, Written.Length - 1)];
        using var turned = read.WithRandomVectors(places, PromptAblation.Random(1));
        using var again = read.WithRandomVectors(places, PromptAblation.Random(1));
        foreach (var (name, before, after, same) in Vectors(read).Zip(Vectors(turned), Vectors(again))
            .Select(v => (v.First.Name, v.First.Value, v.Second.Value, v.Third.Value)))
        {
            Fixtures.AssertSame(after, same, name);
            Fixtures.AssertClose(before.square().sum(-1).sqrt(), after.square().sum(-1).sqrt(), name + ": lengths", 1e-4);
            Fixtures.AssertSame(before.select(-2, 0), after.select(-2, 0), name + ": a place that stays");
            var cosine = ((before * after).sum(-1) / before.square().sum(-1)).narrow(-1, 1, Written.Length - 1);
            Assert.True(cosine.abs().mean().item<float>() < 0.5, $"{name}: the mean cosine is {cosine.abs().mean().item<float>()}");
        }
    }

    [Fact]
    public void They_change_what_the_model_has_understood_and_the_option_stands_in_the_adapter()
    {
        var logits = Enum.GetValues<PromptWords>().Select(words =>
        {
            using var classifier = TextClassifier.Train(Model, tiny.Rows, new()
            {
                Prompt = TrainedOnTiny.Prompt,
                Method = TuningOptions.Create("sk-prefix", [new("promptWords", words.ToString())]),
                Training = new() { Epochs = 1, MaxSteps = 1, HeadFirst = false, Folds = 0 },
            });
            Assert.Contains($"\"promptWords\": \"{words}\"", AdapterFile.Of(classifier.Definition).ToJson());
            Assert.Equal(Written, classifier.Definition.PromptIds);
            return string.Join(' ', classifier.Predict("where is my parcel?").Scores.Values);
        }).ToList();
        Assert.Equal(logits.Count, logits.Distinct().Count());
    }

    private int[] Ids(PromptWords words, ulong seed) => PromptAblation.Ids(words, Written, Model.Tokenizer, seed);

    private static IEnumerable<(string Name, Tensor Value)> Vectors(PromptEncoding prompt)
        => [("words", prompt.Words), .. prompt.Hidden.Select((h, l) => ($"state {l}", h)),
            .. prompt.KeyValues.SelectMany((kv, l) => ((string, Tensor)[])[($"keys {l}", kv.Keys), ($"values {l}", kv.Values)]),
            .. prompt.PlainKeys.Select((k, l) => ($"plain keys {l}", k))];
}

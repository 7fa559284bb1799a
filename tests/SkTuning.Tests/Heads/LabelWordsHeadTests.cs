using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Tests.Tokenizers;
using SkTuning.Tokenizers;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tests.Heads;

/// <summary>The head label-words: before the first step its scores are the model's own, to 1e-6 of max(1, |score|).</summary>
public sealed class LabelWordsHeadTests
{
    private const double Exact = 1e-6;

    public static IEnumerable<TheoryDataRow<string>> Decoders() => Of("models", "llama", "gpt2", "gemma2", "cohere", "bloom", "opt", "phi", "falcon-7b");

    public static IEnumerable<TheoryDataRow<string>> Encoders() => Of("mlm", "bert", "roberta", "albert", "distilbert", "deberta-v2", "modernbert");

    private static IEnumerable<TheoryDataRow<string>> Of(string kind, params string[] families)
        => families.Where(f => Directory.Exists(Path.Combine(Fixtures.Root, kind, f))).Select(f => new TheoryDataRow<string>(f));

    [Theory, MemberData(nameof(Decoders))]
    public void A_decoders_scores_at_the_start_are_its_own_logits_of_the_words(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var b = new WordBase(family);
        // labels in the order of their names: bad, good, so-so
        var tokens = tensor(new long[] { 50, 40, 60 });
        using var zeroShot = b.Untrained(b.Options(new ZeroShotOptions(), new LabelWordsHeadOptions()));
        using var trainable = b.Untrained(b.Options(new ProbeOptions(), new LabelWordsHeadOptions()));
        Assert.Equal(["bad", "good", "so-so"], zeroShot.Labels);
        Assert.Equal(0, zeroShot.Tuned.Parameters.Count);
        Assert.Equal(3 * b.Transformer.Embeddings.Size + 3, trainable.Tuned.Parameters.Count);
        var rows = WordBase.Encoded(zeroShot);
        foreach (var (r, row) in WordBase.Rows.Index())
        {
            var expected = b.Transformer.Logits(b.States(WordBase.Ids(row.Text + " w9 w10"))[-1]).index_select(0, tokens);
            Fixtures.AssertClose(expected, zeroShot.Scores([rows[r]])[0], $"zero-shot scores of row {r}", Exact);
            Fixtures.AssertClose(expected, trainable.Scores([rows[r]])[0], $"scores at the start of row {r}", Exact);
        }
    }

    [Theory, MemberData(nameof(Encoders))]
    public void An_encoders_scores_at_the_start_are_its_own_logits_at_the_mask(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var b = new WordBase(family, "mlm");
        var tokens = tensor(new long[] { 50, 40, 60 });
        using var zeroShot = b.Untrained(b.Options(new ZeroShotOptions(), new LabelWordsHeadOptions()));
        using var trainable = b.Untrained(b.Options(new ProbeOptions(), new LabelWordsHeadOptions()));
        var rows = WordBase.Encoded(zeroShot);
        foreach (var (r, row) in WordBase.Rows.Index())
        {
            var ids = WordBase.Ids($"w11 {row.Text} w9 [ [MASK]");
            Assert.Equal(ids, rows[r].Ids);
            var expected = b.Transformer.MaskedLogits(b.States(ids)[-1]).index_select(0, tokens);
            Fixtures.AssertClose(expected, zeroShot.Scores([rows[r]])[0], $"zero-shot scores of row {r}", Exact);
            Fixtures.AssertClose(expected, trainable.Scores([rows[r]])[0], $"scores at the start of row {r}", Exact);
        }
    }

    [Theory, InlineData("llama"), InlineData("gpt2")]
    public void Zero_shot_behind_a_prompt_is_the_model_that_reads_prompt_and_text(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var b = new WordBase(family);
        using var prompted = b.Untrained(b.Options(new ZeroShotOptions(), new LabelWordsHeadOptions()) with { Prompt = "w7 w8" });
        var scores = prompted.Scores(WordBase.Encoded(prompted));
        foreach (var (r, row) in WordBase.Rows.Index())
            Fixtures.AssertClose(b.Transformer.Logits(b.States(WordBase.Ids($"w7 w8 {row.Text} w9 w10"))[-1])
                .index_select(0, tensor(new long[] { 50, 40, 60 })), scores[r], $"row {r}", 1e-5);
    }

    [Theory]
    [InlineData("w11 {text} w9 [ {mask}", "w20 w21", 5)]
    [InlineData("w11 {text} w9 [ {mask}", "w20 [MASK] w21", 6)]
    [InlineData("w9 {mask} w10 {text}", "w20 [MASK] w21", 1)]
    [InlineData("{mask} w10 {text}", "w20 w21", 0)]
    public void The_answer_is_at_the_templates_own_mask(string template, string text, int place)
    {
        if (Encoders().All(f => f.Data != "bert")) Assert.Skip("no mlm/bert fixture here");
        using var b = new WordBase("bert", "mlm");
        using var runtime = b.Untrained(b.Options(new ZeroShotOptions(), new LabelWordsHeadOptions()) with { Template = template });
        var row = runtime.Encoder.Encode(text);
        Assert.Equal(WordBase.Mask, row.Ids[place]);
        Assert.Equal([place], row.AnswerPositions!);
    }

    [Fact]
    public void A_text_with_a_mask_before_a_mask_between_two_texts_is_refused_and_spoils_no_other()
    {
        using var b = new WordBase("bert", "mlm");
        Row[] pairs = [.. WordBase.Rows.Select(r => r with { Text2 = "w70" })];
        using var classifier = TextClassifier.Train(b.Model, pairs,
            b.Options(new ZeroShotOptions(), new LabelWordsHeadOptions()) with { Template = "{text} w9 {mask} w10 {text2}", Dev = pairs });
        var predictions = classifier.PredictPairs([("w20 [MASK]", "w21"), ("w20", "w21")]);
        Assert.Contains("contains the mask token", predictions[0].Error);
        Assert.Null(predictions[1].Error);
    }

    [Fact]
    public void A_maximum_without_room_for_the_mask_is_refused()
    {
        using var b = new WordBase("bert", "mlm");
        var options = b.Options(new ZeroShotOptions(), new LabelWordsHeadOptions()) with { MaxTokens = 2 };
        Assert.Contains("leaves no room for text (maximum 2)", Assert.ThrowsAny<SkTuningException>(() => b.Untrained(options)).Message);
    }

    [Theory, InlineData("llama", "models"), InlineData("gemma2", "models"), InlineData("bert", "mlm")]
    public void Gradients_reach_rows_and_adapter_and_are_those_of_finite_differences(string family, string kind)
    {
        const double Step = 5e-3;
        using var scope = NewDisposeScope();
        using var b = new WordBase(family, kind);
        using var runtime = b.Untrained(b.Options(new SkPrefixOptions { Bottleneck = 3 }, new LabelWordsHeadOptions()));
        var rows = WordBase.Encoded(runtime);
        using var batch = TokenBatch.Of(rows, CPU);
        var (tuned, targets) = (runtime.Tuned, tensor(rows.Select(r => (long)r.Classes[0]).ToArray()));
        using (no_grad()) tuned.Parameters.Restore(tuned.Parameters.Values + randn([tuned.Parameters.Count], generator: new Generator(3)) * 0.05);
        tuned.Parameters.Gradients.zero_();
        F.cross_entropy(tuned.Live(batch), targets).backward();
        foreach (var spec in tuned.Parameters.Specs)
        {
            var leaf = tuned.Parameters[spec.Name];
            var (gradient, value) = (leaf.grad!.clone(), leaf.detach().clone());
            var length = gradient.norm().item<float>();
            if (spec.Name is LinearHead.Weight or LinearHead.Bias) Assert.True(length > 1e-4, spec.Name);
            // such as the bias of keys, which softmax cannot see
            if (length < 1e-6) continue;
            var slope = (LossAt(+Step) - LossAt(-Step)) / (2 * Step);
            Assert.True(Math.Abs(slope - length) <= 0.02 * length + 2e-4, $"{spec.Name}: finite differences {slope:G5}, gradient {length:G5}");

            double LossAt(double step)
            {
                using var off = no_grad();
                tuned.Parameters.Set(spec.Name, value + gradient * (step / length));
                var loss = F.cross_entropy(tuned.Live(batch), targets).item<float>();
                tuned.Parameters.Set(spec.Name, value);
                return loss;
            }
        }
    }

    [Theory, InlineData("llama", "models"), InlineData("roberta", "mlm")]
    public void It_trains_is_saved_and_read_again_bit_for_bit(string family, string kind)
    {
        using var folder = new TemporaryFolder();
        using var b = new WordBase(family, kind);
        var options = b.Options(new LoraOptions { Rank = 2 }, new LabelWordsHeadOptions())
            with
        { Training = new() { Epochs = 8, BatchSize = 4, LearningRate = 1e-2, HeadFirst = false } };
        using var classifier = TextClassifier.Train(b.Model, WordBase.Rows, options);
        var epochs = classifier.Report!.Epochs;
        Assert.True(epochs[^1].DevLoss < epochs[0].DevLoss, $"from {epochs[0].DevLoss} to {epochs[^1].DevLoss}");
        Assert.Equal(0, epochs[0].Epoch);                                                                       // the zero-shot start is a candidate
        classifier.Save(folder["a"]);
        using var again = TextClassifier.Load(folder["a"], b.Model);
        Assert.Null(AdapterFile.Of(again.Definition).DifferenceFrom(AdapterFile.Of(classifier.Definition)));
        Assert.Equal(["w50", "w40", "w60"], again.Definition.LabelWords!);
        Assert.Equal("label-words", again.Definition.Head.Name);
        Fixtures.AssertSame(classifier.Adapter.Tuned.Parameters.Values, again.Adapter.Tuned.Parameters.Values, "parameters");
        foreach (var row in WordBase.Rows)
            Fixtures.AssertClose(tensor(classifier.Predict(row.Text).Scores.Values.ToArray()), tensor(again.Predict(row.Text).Scores.Values.ToArray()),
                row.Text, 1e-6);
    }

    [Fact]
    public void The_head_alone_starts_from_zero_shot_and_keeps_it_where_training_is_no_better()
    {
        using var b = new WordBase("llama");
        // Dev has the labels that zero-shot predicts: no training can be better.
        using var zeroShot = TextClassifier.Train(b.Model, WordBase.Rows, b.Options(new ZeroShotOptions(), new LabelWordsHeadOptions()));
        Row[] dev = [.. WordBase.Rows.Select(r => r with { Label = zeroShot.Predict(r.Text).Label })];
        using var probe = TextClassifier.Train(b.Model, WordBase.Rows, b.Options(new ProbeOptions(), new LabelWordsHeadOptions()) with { Dev = dev });
        Assert.Equal(1, probe.Report!.DevScore);
    }

    [Theory]
    [InlineData("w40 w41", "has 2 tokens ('w40' + 'w41')", "head likelihood")]
    [InlineData("unheard", "does not know the word 'unheard'", "--label-word")]
    [InlineData("w50", "have the same tokens", "'bad'")]
    [InlineData(" ", "not empty", "' '")]
    public void Words_that_cannot_be_are_refused_by_name(string word, params string[] named)
    {
        using var b = new WordBase("llama");
        var options = b.Options(new ProbeOptions(), new LabelWordsHeadOptions())
            with
        { LabelWords = new Dictionary<string, string>(WordBase.Words) { ["good"] = word } };
        var message = Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(b.Model, WordBase.Rows, options)).Message;
        foreach (var part in named) Assert.Contains(part, message);
    }

    [Fact]
    public void A_word_for_a_label_that_is_not_there_is_refused_by_name()
    {
        using var b = new WordBase("llama");
        var options = b.Options(new ProbeOptions(), new LabelWordsHeadOptions())
            with
        { LabelWords = new Dictionary<string, string>(WordBase.Words) { ["excellent"] = "w3" } };
        Assert.Contains("excellent", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(b.Model, WordBase.Rows, options)).Message);
    }

    [Fact]
    public void Bases_that_cannot_have_the_head_are_refused_with_what_to_do()
    {
        using (var headless = new WordBase("llama", edit: c => c["tie_word_embeddings"] = false))
            Refused(headless, new LabelWordsHeadOptions(), null, "needs an LM head", "use the head linear");
        using (var bare = new WordBase("bert")) Refused(bare, new LabelWordsHeadOptions(), null, "needs a masked-LM head");
        using var bert = new WordBase("bert", "mlm");
        Refused(bert, new LabelWordsHeadOptions(), "{text} w9", "no {mask}");
        Refused(bert, new LikelihoodHeadOptions(), null, "needs a causal model");

        static void Refused(WordBase b, HeadOptions head, string? template, params string[] named)
        {
            var options = b.Options(new Ia3Options(), head);
            if (template is not null) options = options with { Template = template };
            var message = Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(b.Model, WordBase.Rows, options)).Message;
            foreach (var part in named) Assert.Contains(part, message);
        }
    }

    [Theory]
    [InlineData("style-gpt2", "{text}\nAnswer:", "great", "Ġg")]
    [InlineData("style-gpt2", "{text}\nAnswer:\n", "great", "g")]
    [InlineData("style-gpt2", "{text}", "great", "Ġg")]
    [InlineData("style-llama2", "{text}\nAnswer:", "good", "▁g")]
    [InlineData("style-roberta", "{text} It was {mask}.", "great", "Ġg")]
    [InlineData("style-roberta", "{mask}: {text}", "great", "g")]
    [InlineData("style-bert-uncased", "{text} It was {mask}.", "Great", "g")]
    [InlineData("style-xlm-roberta", "{text} It was {mask}.", "great", "▁g")]
    public void Words_are_what_the_tokenizer_makes_of_them_where_they_stand(string style, string template, string word, string start)
    {
        var tokenizer = TextTokenizer.LoadJson(TokenizerFixture.Style(style));
        var ids = LabelTokens.Of(tokenizer, SkTuning.Prompts.RowTemplate.Parse(template), word);
        Assert.StartsWith(start, tokenizer.TokenOf(ids[0]));
        var written = template.Replace("{text}", "a");
        var filled = template.Contains("{mask}") ? written.Replace("{mask}", word) : written + (char.IsWhiteSpace(written[^1]) ? "" : " ") + word;
        // The whole text with the word in it has the same tokens.
        var whole = tokenizer.EncodeIds(filled, addSpecialTokens: false);
        Assert.Contains(Enumerable.Range(0, whole.Length - ids.Length + 1), t => whole.AsSpan(t, ids.Length).SequenceEqual(ids));
    }

    [Fact]
    public void A_cue_that_ends_in_a_space_which_the_word_would_swallow_is_refused()
    {
        var tokenizer = TextTokenizer.LoadJson(TokenizerFixture.Style("style-gpt2"));
        var e = Assert.ThrowsAny<SkTuningException>(() => LabelTokens.Of(tokenizer, SkTuning.Prompts.RowTemplate.Parse("{text} Answer: "), "great"));
        Assert.Contains("'great'", e.Message);
        Assert.Contains("without a space", e.Message);
    }
}

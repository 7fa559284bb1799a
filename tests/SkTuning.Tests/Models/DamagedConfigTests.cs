using SkTuning.Models;
using SkTuning.Models.Families;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>
/// Thousands of damaged config.json files with intact weights. Each one loads and then runs, or is refused with an <see cref="SkTuningException"/>. None ends
/// the process, takes seconds, or allocates objects of more than 16 MB plus 16 times the size of config and weights. A shape that does not fit is refused
/// before torch sees it. The seeds are fixed, and a failure names its seed.
/// </summary>
public sealed class DamagedConfigTests
{
    private const int FilesPerConfig = 55, FilesPerText = 60;

    /// <summary>The factor on the number of files and seeds, for a longer search by hand.</summary>
    private static readonly int Times = int.TryParse(Environment.GetEnvironmentVariable("SKTUNING_FUZZ_TIMES"), out var times) ? times : 1;

    public static IEnumerable<TheoryDataRow<string>> Families() => Fixtures.Folders("models", "model.safetensors").Select(f => new TheoryDataRow<string>(f));

    [Theory, MemberData(nameof(Families))]
    public void A_model_with_a_damaged_config_loads_or_is_refused(string family)
    {
        var fixture = Path.Combine(Fixtures.Root, "models", family);
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(fixture, "model.safetensors"), folder["model.safetensors"]);
        var weights = new FileInfo(folder["model.safetensors"]).Length;
        foreach (var style in (string[])["config.json", "config.v4.json"])
        {
            if (!File.Exists(Path.Combine(fixture, style))) continue;
            Run($"{family}/{style}", File.ReadAllBytes(Path.Combine(fixture, style)), FilesPerConfig, weights, config =>
            {
                File.WriteAllBytes(folder["config.json"], config);
                LoadAndRun(folder.Path);
            });
        }
    }

    /// <summary>Families without a fixture: the config only, with most settings of such files.</summary>
    [Theory]
    [InlineData("""{"model_type":"qwen3_moe","hidden_size":32,"num_attention_heads":4,"num_key_value_heads":2,"head_dim":8,"num_hidden_layers":3,""" +
        """ "num_experts":4,"num_experts_per_tok":2,"decoder_sparse_step":2,"mlp_only_layers":[1],"moe_intermediate_size":16,"use_sliding_window":true,""" +
        """ "sliding_window":4,"rope_scaling":{"type":"yarn","factor":2.0}}""")]
    [InlineData("""{"model_type":"gptj","n_embd":32,"n_head":4,"n_layer":3,"n_positions":64,"rotary_dim":4,"n_inner":null,"activation_function":"gelu_new",""" +
        """ "layer_norm_epsilon":1e-5}""")]
    [InlineData("""{"model_type":"gpt_neo","hidden_size":32,"num_heads":4,"num_layers":4,"attention_types":[[["global","local"],2]],""" +
        """ "attention_layers":["global","local","global","local"],"window_size":4,"intermediate_size":null}""")]
    [InlineData("""{"model_type":"gpt_bigcode","n_embd":32,"n_head":4,"n_layer":3,"n_positions":64,"multi_query":true,"scale_attn_weights":true}""")]
    [InlineData("""{"model_type":"granite","hidden_size":32,"num_attention_heads":4,"num_hidden_layers":3,"logits_scaling":2.0,"embedding_multiplier":3.0,""" +
        """ "attention_multiplier":0.5,"residual_multiplier":0.5,"rope_parameters":{"rope_type":"llama3","rope_theta":1e4,"factor":8.0,""" +
        """ "low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":32}}""")]
    [InlineData("""{"model_type":"olmo2","hidden_size":32,"num_attention_heads":4,"num_hidden_layers":3,"rms_norm_eps":1e-6,""" +
        """ "rope_scaling":{"rope_type":"dynamic","factor":2.0}}""")]
    [InlineData("""{"model_type":"smollm3","hidden_size":32,"num_attention_heads":4,"num_key_value_heads":2,"num_hidden_layers":4,""" +
        """ "no_rope_layers":[1,1,1,0],"no_rope_layer_interval":4,"layer_types":["full_attention","full_attention","full_attention","full_attention"]}""")]
    [InlineData("""{"model_type":"stablelm","hidden_size":32,"num_attention_heads":4,"num_key_value_heads":4,"num_hidden_layers":3,""" +
        """ "partial_rotary_factor":0.25,"use_qkv_bias":true,"qk_layernorm":true,"use_parallel_residual":true}""")]
    [InlineData("""{"model_type":"phi3","hidden_size":32,"num_attention_heads":4,"num_hidden_layers":3,"max_position_embeddings":64,""" +
        """ "original_max_position_embeddings":32,"rope_scaling":{"type":"longrope","short_factor":[1.0,1.0,1.0,1.0],"long_factor":[2.0,2.0,2.0,2.0]}}""")]
    [InlineData("""{"model_type":"falcon","hidden_size":32,"num_attention_heads":4,"num_hidden_layers":3,"alibi":true,"bias":true,"multi_query":false,""" +
        """ "parallel_attn":false,"new_decoder_architecture":false,"num_kv_heads":4,"num_ln_in_parallel_attn":null}""")]
    [InlineData("""{"model_type":"gemma3","tie_word_embeddings":true,"text_config":{"model_type":"gemma3_text","hidden_size":32,"num_attention_heads":4,""" +
        """ "num_key_value_heads":2,"num_hidden_layers":6,"sliding_window":4,"sliding_window_pattern":3,"rope_scaling":{"type":"linear","factor":8.0}},""" +
        """ "vision_config":{}}""")]
    [InlineData("""{"model_type":"xlm-roberta","hidden_size":32,"num_attention_heads":4,"num_hidden_layers":3,"max_position_embeddings":66,""" +
        """ "pad_token_id":1,"type_vocab_size":1,"vocab_size":131,"layer_norm_eps":1e-5}""")]
    [InlineData("""{"model_type":"electra","hidden_size":32,"embedding_size":16,"num_attention_heads":4,"num_hidden_layers":3,"type_vocab_size":2,""" +
        """ "pruned_heads":{},"position_embedding_type":"absolute"}""")]
    [InlineData("""{"model_type":"mpnet","hidden_size":32,"num_attention_heads":4,"num_hidden_layers":3,"relative_attention_num_buckets":32,""" +
        """ "vocab_size":131,"max_position_embeddings":66}""")]
    public void A_damaged_config_is_read_or_refused(string whole)
        => Run(whole[15..whole.IndexOf(',')], System.Text.Encoding.UTF8.GetBytes(whole), FilesPerText, weights: 0, bytes =>
        {
            var config = ConfigJson.Parse("config.json", bytes);
            var family = ModelFamily.Of(config);
            family.Weights(ConfigCheck.Checked(family.Read(config), config));
        });

    private static void LoadAndRun(string folder)
    {
        var transformer = FrozenModel.LoadTransformer(folder, new() { Device = "cpu", CopyWeights = true }, CPU).Transformer;
        try
        {
            using var off = no_grad();
            using var scope = NewDisposeScope();
            var ids = tensor(new long[] { 1, 2, 3, 4, 5, 6, 7 }).remainder(transformer.Config.Vocabulary).unsqueeze(0);
            var hidden = transformer.Forward(new() { Ids = ids }).Hidden;
            Assert.Equal([1, 7, transformer.Config.StateSize], hidden.shape);
            if (transformer.HasHead) Assert.Equal(transformer.Config.Vocabulary, transformer.Logits(hidden[0, -1]).shape[^1]);
        }
        finally { transformer.Dispose(); }
    }

    private static void Run(string what, byte[] whole, int files, long weights, Action<byte[]> use)
    {
        var (loaded, refused) = (0, 0);
        files *= Times;
        var first = Times > 1 ? 1_000_000UL : 1;
        use(whole);
        for (var seed = first; seed < first + (ulong)files; seed++)
        {
            var damaged = new ConfigMutator(seed).Damage(whole);
            var guard = new HangGuard();
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                use(damaged);
                loaded++;
            }
            catch (SkTuningException e)
            {
                refused++;
                Assert.True(e.Message.Length is > 0 and < 2000 && !e.Message.Contains('\n'), $"{what}, seed {seed}: {e.Message}");
            }
            catch (Exception e) { Assert.Fail($"{what}, seed {seed}: {e.GetType().Name}: {e.Message}\n{e.StackTrace}"); }
            var made = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(made <= (16 << 20) + 16 * (damaged.Length + weights), $"{what}, seed {seed}: {made} bytes of objects");
            guard.Check($"{what}, seed {seed}");
        }
        Assert.Equal(files, loaded + refused);
        Assert.True(refused > files / 10, $"{what}: only {refused} of {files} files were refused: the damage missed");
        TestContext.Current.SendDiagnosticMessage($"{what}: {files} files, {loaded} loaded, {refused} refused");
    }
}

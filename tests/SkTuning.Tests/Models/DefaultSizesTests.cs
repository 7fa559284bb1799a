using System.Text;
using SkTuning.Models;
using SkTuning.Models.Families;

namespace SkTuning.Tests.Models;

/// <summary>A config.json may omit every size, as saved ones omit defaults: then it has that of transformers' configuration of the family.</summary>
public sealed class DefaultSizesTests
{
    [Theory]
    [InlineData("bloom", 250880, 64, 256, 2, 8, 8, 8, 2048)]
    [InlineData("cohere", 256000, 8192, 22528, 40, 64, 64, 128, 8192)]
    [InlineData("falcon", 65024, 4544, 18176, 32, 71, 1, 64, 2048)]
    [InlineData("gemma", 256000, 3072, 24576, 28, 16, 16, 256, 8192)]
    [InlineData("gemma2", 256000, 2304, 9216, 26, 8, 4, 256, 8192)]
    [InlineData("gemma3_text", 262208, 2304, 9216, 26, 8, 4, 256, 131072)]
    [InlineData("gpt2", 50257, 768, 3072, 12, 12, 12, 64, 1024)]
    [InlineData("gpt_neo", 50257, 2048, 8192, 24, 16, 16, 128, 2048)]
    [InlineData("gpt_neox", 50432, 6144, 24576, 44, 64, 64, 96, 2048)]
    [InlineData("gptj", 50400, 4096, 16384, 28, 16, 16, 256, 2048)]
    [InlineData("granite", 32000, 4096, 11008, 32, 32, 32, 128, 2048)]
    [InlineData("llama", 32000, 4096, 11008, 32, 32, 32, 128, 2048)]
    [InlineData("mistral", 32000, 4096, 14336, 32, 32, 8, 128, 131072)]
    [InlineData("mixtral", 32000, 4096, 14336, 32, 32, 8, 128, 131072)]
    [InlineData("mpt", 50368, 2048, 8192, 24, 16, 16, 128, 2048)]
    [InlineData("olmo", 50304, 4096, 11008, 32, 32, 32, 128, 2048)]
    [InlineData("olmo2", 50304, 4096, 11008, 32, 32, 32, 128, 2048)]
    [InlineData("opt", 50272, 768, 3072, 12, 12, 12, 64, 2048)]
    [InlineData("phi", 51200, 2048, 8192, 24, 32, 32, 64, 2048)]
    [InlineData("phi3", 32064, 3072, 8192, 32, 32, 32, 96, 4096)]
    [InlineData("qwen2", 151936, 4096, 22016, 32, 32, 32, 128, 32768)]
    [InlineData("qwen3", 151936, 4096, 22016, 32, 32, 32, 128, 32768)]
    [InlineData("smollm3", 128256, 2048, 11008, 36, 16, 4, 128, 32768)]
    [InlineData("stablelm", 50304, 2560, 6912, 32, 32, 32, 80, 4096)]
    [InlineData("starcoder2", 49152, 3072, 12288, 30, 24, 2, 128, 4096)]
    [InlineData("albert", 30000, 4096, 16384, 12, 64, 64, 64, 512)]
    [InlineData("bert", 30522, 768, 3072, 12, 12, 12, 64, 512)]
    [InlineData("deberta-v2", 128100, 1536, 6144, 24, 24, 24, 64, 512)]
    [InlineData("mpnet", 30527, 768, 3072, 12, 12, 12, 64, 512)]
    [InlineData("modernbert", 50368, 768, 1152, 22, 12, 12, 64, 8192)]
    public void A_config_without_sizes_has_those_of_transformers(string family, int words, int hidden, int inner, int layers, int heads, int keys, int headSize,
        int context)
    {
        var config = ConfigJson.Parse("config.json", Encoding.UTF8.GetBytes($$"""{"model_type":"{{family}}"}"""));
        var model = ModelFamily.Of(config).Read(config);
        Assert.Equal((words, hidden, inner, layers), (model.Vocabulary, model.Hidden, model.FeedForward.Size, model.Layers));
        Assert.Equal((heads, keys, headSize), (model.Attention.Heads, model.Attention.KeyValueHeads, model.Attention.HeadSize));
        // The first position of mpnet and roberta is the padding's row plus 1.
        Assert.Equal(family == "mpnet" ? 510 : context, model.Context);
    }
}

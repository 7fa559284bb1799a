using System.Text.Json;
using SkTuning.Checkpoints;
using SkTuning.Tests.Checkpoints.Pickle;
using SkTuning.Tests.Models.Gguf;
using static TorchSharp.torch;

namespace SkTuning.Tests.Checkpoints;

public sealed class CheckpointFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("checkpoint").FullName;

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("pytorch_model.bin")]
    [InlineData("other.safetensors")]
    [InlineData("model.safetensors.index.json")]
    [InlineData("pytorch_model.bin.index.json")]
    public void The_weights_of_a_folder_are_found(string file)
    {
        Write(file);
        using (var checkpoint = CheckpointFolder.Open(_folder)) Check(checkpoint);
        using (var checkpoint = CheckpointFolder.Open(Path.Combine(_folder, file), copy: true)) Check(checkpoint);

        static void Check(Checkpoint checkpoint)
        {
            Assert.Equal(["a", "b"], checkpoint.Entries.Keys.Order());
            using var a = checkpoint.Read("a");
            Assert.Equal([1f, 1f], a.data<float>().ToArray());
        }
    }

    [Fact]
    public void Safetensors_come_before_bin()
    {
        Write("pytorch_model.bin");
        Write("model.safetensors");
        using var checkpoint = CheckpointFolder.Open(_folder);
        Assert.EndsWith("model.safetensors", checkpoint.Location);
    }

    [Fact]
    public void Several_weights_files_or_none_are_an_error_that_names_the_files()
    {
        var none = Assert.ThrowsAny<SkTuningException>(() => CheckpointFolder.Open(_folder));
        Assert.Contains("found no files, expected model.safetensors, model.safetensors.index.json, pytorch_model.bin", none.Message);
        File.WriteAllText(Path.Combine(_folder, "readme.txt"), "");
        Assert.Contains("found readme.txt", Assert.ThrowsAny<SkTuningException>(() => CheckpointFolder.Open(_folder)).Message);
        Write("x.safetensors");
        Write("y.safetensors");
        Assert.Contains("found x.safetensors, y.safetensors", Assert.ThrowsAny<SkTuningException>(() => CheckpointFolder.Open(_folder)).Message);
        Assert.Contains("expected a file", Assert.ThrowsAny<SkTuningException>(() => CheckpointFolder.Open(Path.Combine(_folder, "absent.bin"))).Message);
        Assert.Contains("a .zip file", Assert.ThrowsAny<SkTuningException>(() => CheckpointFolder.Open(Path.Combine(_folder, "absent.zip"))).Message);
    }

    [Fact]
    public void A_gguf_file_is_recognized()
    {
        var file = Path.Combine(_folder, "m.gguf");
        GgufModelTests.Small("llama").Save(file);
        Assert.True(CheckpointFolder.IsGguf(file));
        Assert.True(CheckpointFolder.IsGguf(_folder));
        Assert.Contains("a GGUF file", Assert.ThrowsAny<SkTuningException>(() => CheckpointFolder.Open(file)).Message);
        File.WriteAllText(Path.Combine(_folder, "config.json"), "{}");
        Assert.False(CheckpointFolder.IsGguf(_folder));
        Assert.False(CheckpointFolder.IsGguf(Path.Combine(_folder, "model.safetensors")));
    }

    [Fact]
    public void An_index_may_not_name_files_elsewhere_or_of_other_kinds()
    {
        var index = Path.Combine(_folder, "model.safetensors.index.json");
        foreach (var (name, message) in new[]
        {
            ("../x.safetensors", "the plain name of a file"), ("x.json", ".safetensors or .bin files"), ("x.gguf", ".safetensors or .bin files"),
        })
        {
            File.WriteAllText(index, $"{{\"weight_map\":{{\"a\":\"{name}\"}}}}");
            Assert.Contains(message, Assert.ThrowsAny<SkTuningException>(() => CheckpointFolder.Open(_folder)).Message);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string file)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (ones(2), zeros(3));
        if (!file.EndsWith(".index.json"))
        {
            WriteOne(file, ("a", a), ("b", b));
            return;
        }
        var ending = file.Contains(".bin") ? ".bin" : ".safetensors";
        WriteOne("shard-1" + ending, ("a", a));
        WriteOne("shard-2" + ending, ("b", b));
        File.WriteAllText(Path.Combine(_folder, file), JsonSerializer.Serialize(new { weight_map = new { a = "shard-1" + ending, b = "shard-2" + ending } }));
    }

    private void WriteOne(string file, params (string, Tensor)[] tensors)
    {
        var path = Path.Combine(_folder, file);
        if (file.EndsWith(".bin")) File.WriteAllBytes(path, new TorchSaveWriter().Save(tensors));
        else SafetensorsWriter.Write(path, tensors);
    }
}

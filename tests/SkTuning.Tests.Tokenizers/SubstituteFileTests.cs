using System.Diagnostics;
using SkTuning.Tokenizers;

namespace SkTuning.Tests.Tokenizers;

/// <summary>A tokenizer's file that is a pipe, a pointer or a web page is refused by name, and a pipe before it is opened.</summary>
public sealed class SubstituteFileTests
{
    private const string Pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n";

    [Theory]
    [InlineData("tokenizer.json", Pointer, "a Git LFS pointer: the file itself was not downloaded")]
    [InlineData("tokenizer.model", Pointer, "a Git LFS pointer: the file itself was not downloaded")]
    [InlineData("vocab.txt", Pointer, "a Git LFS pointer: the file itself was not downloaded")]
    [InlineData("tokenizer.json", "<!DOCTYPE html><html></html>", "a web page")]
    [InlineData("tokenizer.model", "<html>", "a web page")]
    public void A_file_that_was_not_downloaded_is_refused(string name, string content, string found)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[name], content);
        var fault = Assert.Throws<SkTuningFileException>(() => TextTokenizer.Load(folder.Path));
        Assert.StartsWith($"{folder[name]}: found {found}, expected the file itself.", fault.Message);
    }

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer.model")]
    [InlineData("vocab.txt")]
    [InlineData("tokenizer_config.json")]
    [InlineData("added_tokens.json")]
    public void A_pipe_is_refused_before_it_is_opened(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no named pipes in folders.");
        using var folder = new TemporaryFolder();
        if (name is "tokenizer_config.json" or "added_tokens.json") File.Copy(TokenizerFixture.Style("style-gpt2"), folder["tokenizer.json"]);
        using (var make = Process.Start("mkfifo", folder[name])) make.WaitForExit();
        var fault = Assert.Throws<SkTuningFileException>(() => TextTokenizer.Load(folder.Path));
        Assert.StartsWith($"{folder[name]}: found a named pipe, expected a regular file.", fault.Message);
    }
}

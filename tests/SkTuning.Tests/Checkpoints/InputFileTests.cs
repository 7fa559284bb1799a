using System.Diagnostics;
using System.Text;

namespace SkTuning.Tests.Checkpoints;

public class InputFileTests
{
    [Fact]
    public void A_pipe_is_refused_before_it_is_opened_also_through_a_link()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "named pipes are files on Unix alone");
        using var folder = new TemporaryFolder();
        using (var make = Process.Start("mkfifo", folder["pipe"])) make.WaitForExit();
        File.CreateSymbolicLink(folder["link"], "pipe");
        foreach (var name in new[] { "pipe", "link" })
        {
            var e = Assert.ThrowsAny<SkTuningException>(() => InputFile.ReadAllBytes(folder[name]));
            Assert.Contains("found a named pipe, expected a regular file", e.Message);
        }
    }

    [Fact]
    public void Folders_and_devices_are_refused_and_a_missing_file_is_reported()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("found a folder", Assert.ThrowsAny<SkTuningException>(() => InputFile.Open(folder["."])).Message);
        Assert.Contains("does not exist, expected a file", Assert.ThrowsAny<SkTuningException>(() => InputFile.Open(folder["none"])).Message);
        if (OperatingSystem.IsLinux()) Assert.Contains("found a device", Assert.ThrowsAny<SkTuningException>(() => InputFile.Open("/dev/zero")).Message);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "Git LFS")]
    [InlineData("\n<!DOCTYPE html><title>404</title>", "a web page")]
    [InlineData("<HTML lang=en>", "a web page")]
    public void What_stands_for_a_file_that_was_not_downloaded_is_refused_by_name(string content, string found)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], content);
        Assert.Contains(found, Assert.ThrowsAny<SkTuningException>(() => InputFile.ReadAllBytes(folder["file"])).Message);
        Assert.Null(InputFile.Substitute(Encoding.UTF8.GetBytes("{\"html\": 1}")));
    }

    [Fact]
    public void Messages_are_one_line_of_bounded_length_whatever_they_quote()
    {
        Assert.Equal("a\\u000ab\\u2028c\\u202ed", new SkTuningException("a\nb\u2028c\u202Ed").Message);
        var quoted = new SkTuningException($"the label '{new string('x', 100_000)}' is unknown").Message;
        Assert.Equal(2000, quoted.Length);
        Assert.StartsWith("the label 'xxx", quoted);
        Assert.EndsWith("xxx' is unknown", quoted);
    }
}

using System.Runtime.InteropServices;
using SkTuning.Native;

namespace SkTuning.Tests.Native;

/// <summary>What is wrong with libtorch's files is found before they are loaded, and the message is one line with the command that mends it.</summary>
public sealed class LibtorchFilesTests
{
    private static readonly string[] Parts = ["libtorch_global_deps.so", "libc10.so", "libtorch_cpu.so", "libtorch.so", "libLibTorchSharp.so"];

    /// <summary>A small library that belongs to the runtime.</summary>
    private static string SmallLibrary => Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.IO.Compression.Native.so");

    public LibtorchFilesTests() => Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(SmallLibrary), "the names and headers of Linux");

    [Fact]
    public void Complete_files_are_found_in_the_order_to_load_them()
    {
        using var folder = Complete();
        var files = LibtorchFiles.In(null, [folder["nowhere"], folder.Path]);
        Assert.Null(files.Fault());
        Assert.Equal(Parts[..^1], files.Libraries.Select(Path.GetFileName));
        Assert.Equal(folder["libLibTorchSharp.so"], files.Bindings);
        Assert.False(files.IsCuda);
        Assert.Equal(4 * new FileInfo(SmallLibrary).Length, files.Size);
    }

    [Fact]
    public void Without_libtorch_the_message_is_the_command_that_adds_it()
    {
        using var folder = new TemporaryFolder();
        var fault = LibtorchFiles.In(null, [folder.Path]).Fault();
        Assert.Equal($"libtorch is missing. Run: dotnet add package {LibtorchPackage.Name} --version 2.10.0", fault?.Message.Replace(LibtorchPackage.Advice,
            $"Run: dotnet add package {LibtorchPackage.Name} --version {LibtorchPackage.Version}"));
        Assert.Contains(folder.Path, fault?.Detail);
    }

    [Fact]
    public void A_chosen_folder_must_exist_and_contain_libtorch()
    {
        using var folder = new TemporaryFolder();
        using var complete = Complete();
        Assert.Equal("SK_LIBTORCH is '/nowhere', which is not a folder. Set it to the folder that contains libtorch_cpu.so, or unset it.",
            LibtorchFiles.In("/nowhere", ["/nowhere", complete.Path]).Fault()?.Message);
        Assert.Equal($"SK_LIBTORCH is '{folder.Path}', which does not contain libtorch_cpu.so. Set it to the folder that contains it, or unset it.",
            LibtorchFiles.In(folder.Path, [folder.Path, complete.Path]).Fault()?.Message);
    }

    [Fact]
    public void All_parts_come_from_the_folder_of_the_main_library()
    {
        using var first = Complete();
        using var second = Complete();
        File.Delete(first["libtorch_cpu.so"]);
        Assert.All(LibtorchFiles.In(null, [first.Path, second.Path]).Libraries, l => Assert.Equal(second.Path, Path.GetDirectoryName(l)));
    }

    [Theory, InlineData("libc10.so"), InlineData("libtorch.so"), InlineData("libLibTorchSharp.so")]
    public void A_missing_part_is_named(string part)
    {
        using var folder = Complete();
        File.Delete(folder[part]);
        Assert.StartsWith($"{part} is missing", LibtorchFiles.In(null, [folder.Path]).Fault()?.Message);
    }

    [Theory, InlineData(0), InlineData(63), InlineData(64), InlineData(500), InlineData(5000)]
    public void A_file_that_was_cut_is_found_without_loading_it(int length)
    {
        using var folder = Complete();
        using (var file = File.OpenWrite(folder["libtorch_cpu.so"])) file.SetLength(length);
        var message = LibtorchFiles.In(null, [folder.Path]).Fault()?.Message;
        Assert.StartsWith($"libtorch_cpu.so is damaged: {folder["libtorch_cpu.so"]} has {length:N0} bytes", message);
        Assert.Contains("Copy the file again", message);
    }

    [Fact]
    public void A_damaged_file_in_the_package_cache_is_mended_by_a_restore()
    {
        using var folder = new TemporaryFolder();
        var package = Directory.CreateDirectory(Path.Combine(folder.Path, "libtorch-cpu-linux-x64", "2.10.0")).FullName;
        File.WriteAllText(Path.Combine(package, ".nupkg.metadata"), "{}");
        var native = Directory.CreateDirectory(Path.Combine(package, "runtimes", "linux-x64", "native")).FullName;
        foreach (var part in Parts) File.WriteAllText(Path.Combine(native, part), "no library");
        Assert.EndsWith($"Delete the folder {package} and run: dotnet restore --force", LibtorchFiles.In(null, [native]).Fault()?.Message);
    }

    [Theory]
    [InlineData(4, (byte)1, "is not a library for 64-bit little-endian systems")]
    [InlineData(0, (byte)1, "is not a Linux library (no ELF header)")]
    [InlineData(18, (byte)3, "is a library for another processor (ELF machine 3")]
    public void A_file_for_another_system_is_named(int at, byte value, string expected)
    {
        using var folder = Complete();
        var bytes = File.ReadAllBytes(SmallLibrary);
        bytes[at] = value;
        File.Delete(folder["libc10.so"]);
        File.WriteAllBytes(folder["libc10.so"], bytes);
        Assert.Contains(expected, LibtorchFiles.In(null, [folder.Path]).Fault()?.Message);
    }

    [Fact]
    public void No_header_makes_the_check_itself_fail()
    {
        var bytes = File.ReadAllBytes(SmallLibrary);
        var random = new Random(1);
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 300; i++)
        {
            var damaged = (byte[])bytes.Clone();
            for (var j = 0; j < 4; j++) damaged[random.Next(4, 64)] = (byte)random.Next(256);
            File.WriteAllBytes(folder["damaged.so"], damaged);
            _ = ElfFile.Fault(folder["damaged.so"]);
        }
    }

    [Fact]
    public void The_symbols_that_the_bindings_need_are_those_of_libtorch()
    {
        RuntimeSettings.Start();
        var bindings = LibtorchFiles.Find().Bindings;
        Assert.NotNull(bindings);
        var needed = ElfFile.NeededSymbols(bindings);
        Assert.Contains("_ZN3c106SymInt19promote_to_negativeEv", needed);
        Assert.DoesNotContain("malloc", needed);
        Assert.InRange(needed.Count, 500, 10_000);
    }

    [Fact]
    public void The_versions_are_those_of_the_package_list()
    {
        var list = File.ReadAllText(Path.Combine(Fixtures.Repository, "Directory.Packages.props"));
        Assert.Contains($"\"libtorch-cpu-linux-x64\" Version=\"{LibtorchPackage.Version}\"", list);
        Assert.Contains($"\"TorchSharp\" Version=\"[{LibtorchPackage.BindingsVersion}]\"", list);
    }

    private static TemporaryFolder Complete()
    {
        var folder = new TemporaryFolder();
        foreach (var part in Parts) File.Copy(SmallLibrary, folder[part]);
        return folder;
    }
}

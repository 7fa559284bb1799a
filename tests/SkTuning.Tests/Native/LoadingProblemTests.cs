using SkTuning.Diagnostics;
using SkTuning.Native;

namespace SkTuning.Tests.Native;

/// <summary>The messages of the system's loader, and of drivers that do not fit, become one line that says what to do.</summary>
public sealed class LoadingProblemTests
{
    private static readonly LibtorchFiles Files = LibtorchFiles.In(null, []);

    [Theory]
    [InlineData("libnuma.so.1: cannot open shared object file: No such file or directory",
        "libnuma.so.1 is missing: libtorch_cpu.so needs it. Install it with the package manager of the system, or copy it to the folder of libtorch.")]
    [InlineData("/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /app/libtorch_cpu.so)",
        "libtorch_cpu.so needs GLIBC_2.34, which this system does not have. Use a newer system, such as Debian 12 or Ubuntu 22.04.")]
    [InlineData("/app/libtorch_cpu.so: something new", "libtorch_cpu.so could not be loaded. Copy the file again")]
    public void Messages_of_the_loader_are_explained(string error, string expected)
    {
        var problem = LoadingProblem.Of("/app/libtorch_cpu.so", error, Files);
        Assert.StartsWith(expected, problem.Message);
        Assert.Equal(error, problem.Detail);
        Assert.Equal(FindingState.Problem, problem.State);
    }

    [Fact]
    public void An_undefined_symbol_is_another_version()
        => Assert.StartsWith("/app/libtorch_cpu.so is not libtorch 2.10.0, which TorchSharp 0.107.0 needs. ",
            LoadingProblem.Of("/app/libtorch_cpu.so", "/app/libtorch_cpu.so: undefined symbol: _ZN2at4nameE", Files).Message);

    [Theory]
    [InlineData(null, false, null, "Ok", "no NVIDIA driver: the CPU is used")]
    [InlineData(null, true, 12, "Note", "there is no NVIDIA driver")]
    [InlineData("12.8", false, null, "Note", "this libtorch is for the CPU. To use the GPU, reference TorchSharp-cuda-")]
    [InlineData("12.8", true, 12, "Ok", "driver for CUDA 12.8")]
    [InlineData("11.4", true, 12, "Problem", "this libtorch needs CUDA 12. Update NVIDIA's driver")]
    public void Driver_and_libtorch_are_compared(string? driver, bool isCuda, int? runtime, string state, string expected)
    {
        var finding = NvidiaDriver.Check(driver is null ? null : Version.Parse(driver), isCuda, runtime);
        Assert.Equal(state, finding.State.ToString());
        Assert.Contains(expected, finding.Message);
    }

    [Fact]
    public void Little_memory_and_a_full_disk_are_problems()
    {
        Assert.Equal(FindingState.Problem, Doctor.Memory(100_000_000).State);
        Assert.Equal(FindingState.Ok, Doctor.Memory(8L << 30).State);
        Assert.Equal("/cache, 0.2 GB free. Free at least 1 GB: models take from 0.1 GB to many.", Doctor.Disk("models", "/cache", 200_000_000).Message);
    }

    [Fact]
    public void On_a_machine_that_runs_the_tests_nothing_prevents_loading()
    {
        var findings = Doctor.Examine().ToList();
        Assert.Contains(findings, f => f is { Name: "loading", State: FindingState.Ok });
        Assert.All(findings, f => Assert.True(f.State == FindingState.Ok || f.Advice is not null, f.Message));
    }
}

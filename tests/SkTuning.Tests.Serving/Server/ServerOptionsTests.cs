using SkTuning.Server;

namespace SkTuning.Tests.Server;

/// <summary>The limits of the server's options: what is just allowed, and what is just not.</summary>
public sealed class ServerOptionsTests
{
    private static readonly ClassifierServerOptions Usual = new() { AdapterFolder = "adapters" };

    private static readonly (string Name, bool IsAllowed, Func<ClassifierServerOptions, ClassifierServerOptions> Change)[] Limits =
    [
        ("AdapterFolder", false, o => o with { AdapterFolder = " " }),
        ("Urls", false, o => o with { Urls = [] }),
        ("MaxBodyBytes", false, o => o with { MaxBodyBytes = 0 }),
        ("MaxBodyBytes", true, o => o with { MaxBodyBytes = 1 }),
        ("MaxBodyBytes", true, o => o with { MaxBodyBytes = int.MaxValue }),
        ("MaxBodyBytes", false, o => o with { MaxBodyBytes = int.MaxValue + 1L }),
        ("MaxAdapterBytes", false, o => o with { MaxAdapterBytes = 0 }),
        ("MaxAdapterBytes", true, o => o with { MaxAdapterBytes = 1 }),
        ("MaxAdapterBytes", true, o => o with { MaxAdapterBytes = 1_073_741_823 }),
        ("MaxAdapterBytes", false, o => o with { MaxAdapterBytes = 1_073_741_824 }),
        ("MaxTexts", false, o => o with { MaxTexts = 0 }),
        ("MaxTexts", true, o => o with { MaxTexts = 1 }),
        ("MaxTexts", true, o => o with { MaxTexts = 3, Engine = new() { RejectsWhenFull = true, MaxQueuedTexts = 3, MaxQueuedTextsPerAdapter = 3 } }),
        ("MaxTexts", false, o => o with { MaxTexts = 4, Engine = new() { RejectsWhenFull = true, MaxQueuedTexts = 3, MaxQueuedTextsPerAdapter = 5 } }),
        ("MaxTexts", false, o => o with { MaxTexts = 4, Engine = new() { RejectsWhenFull = true, MaxQueuedTexts = 5, MaxQueuedTextsPerAdapter = 3 } }),
        ("MaxTexts", true, o => o with { MaxTexts = 4, Engine = new() { RejectsWhenFull = false, MaxQueuedTexts = 3, MaxQueuedTextsPerAdapter = 3 } }),
        ("MaxTextLength", false, o => o with { MaxTextLength = 0 }),
        ("MaxTextLength", true, o => o with { MaxTextLength = 1 }),
        ("MaxAdapters", false, o => o with { MaxAdapters = 0 }),
        ("MaxAdapters", true, o => o with { MaxAdapters = 1 }),
        ("MaxVersions", false, o => o with { MaxVersions = 0 }),
        ("MaxVersions", true, o => o with { MaxVersions = 1 }),
        ("MaxCorrectionBytes", false, o => o with { MaxCorrectionBytes = -1 }),
        ("MaxCorrectionBytes", true, o => o with { MaxCorrectionBytes = 0 }),
        ("MaxRequestsPerSecond", false, o => o with { MaxRequestsPerSecond = 0 }),
        ("MaxRequestsPerSecond", true, o => o with { MaxRequestsPerSecond = 1 }),
        ("MaxRequestsPerSecond", true, o => o with { MaxRequestsPerSecond = null }),
        ("MaxConnections", false, o => o with { MaxConnections = 0 }),
        ("MaxConnections", true, o => o with { MaxConnections = 1 }),
        ("RequestTimeout", false, o => o with { RequestTimeout = TimeSpan.Zero }),
        ("RequestTimeout", true, o => o with { RequestTimeout = TimeSpan.FromTicks(1) }),
        ("RequestTimeout", true, o => o with { RequestTimeout = TimeSpan.FromDays(1) - TimeSpan.FromTicks(1) }),
        ("RequestTimeout", false, o => o with { RequestTimeout = TimeSpan.FromDays(1) }),
        ("ShutdownTimeout", false, o => o with { ShutdownTimeout = TimeSpan.FromTicks(-1) }),
        ("ShutdownTimeout", true, o => o with { ShutdownTimeout = TimeSpan.Zero }),
        ("ShutdownTimeout", false, o => o with { ShutdownTimeout = TimeSpan.FromDays(1) }),
        ("ReadKeys", false, o => o with { ReadKeys = [new string('k', ClassifierServerOptions.MinKeyLength - 1)] }),
        ("ReadKeys", true, o => o with { ReadKeys = [new string('k', ClassifierServerOptions.MinKeyLength)] }),
        ("ReadKeys", true, o => o with { ReadKeys = [new string('!', ClassifierServerOptions.MinKeyLength) + "~"] }),
        ("ReadKeys", false, o => o with { ReadKeys = [new string('k', ClassifierServerOptions.MinKeyLength) + " "] }),
        ("AdminKeys", false, o => o with { AdminKeys = [new string('k', ClassifierServerOptions.MinKeyLength) + "\u007f"] }),
    ];

    [Fact]
    public void The_defaults_are_allowed() => Usual.Check();

    [Fact]
    public void An_option_out_of_range_is_refused_by_name()
    {
        foreach (var (name, isAllowed, change) in Limits)
        {
            var error = Record.Exception(change(Usual).Check);
            if (isAllowed) Assert.Null(error);
            else Assert.Contains($"ClassifierServerOptions.{name}", Assert.IsType<SkTuningException>(error).Message);
        }
    }
}

using System.Runtime.CompilerServices;
using SkTuning.Native;

namespace SkTuning.Tests;

/// <summary>Prepares the process: a test can call torch before the library does, so the search for the native library must be in place first.</summary>
internal static class StartUp
{
    [ModuleInitializer]
    internal static void Load()
    {
        NativeBootstrap.Install();
        RuntimeSettings.Start(fast: true);
        CsvFormat.Register();
        ParquetFormat.Register();
    }
}

using System.Runtime.CompilerServices;
using SkTuning.Native;

namespace SkTuning.Tests;

/// <summary>A test may call torch before the library: the search for the native library has to be in place first.</summary>
internal static class StartUp
{
    [ModuleInitializer]
    internal static void Load()
    {
        NativeBootstrap.Install();
        RuntimeSettings.Start(fast: true);
    }
}

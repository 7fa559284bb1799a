using System.Runtime.CompilerServices;

namespace SkTuning.Tests;

/// <summary>Registers the formats that have packages of their own.</summary>
internal static class StartUp
{
    [ModuleInitializer]
    internal static void Register()
    {
        CsvFormat.Register();
        ParquetFormat.Register();
    }
}

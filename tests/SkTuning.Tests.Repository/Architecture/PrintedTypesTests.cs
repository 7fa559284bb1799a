using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace SkTuning.Tests.Architecture;

/// <summary>The text that .NET generates for a record shows the name of a list's type in place of its items.</summary>
public sealed partial class PrintedTypesTests
{
    [Fact]
    public void Results_with_lists_have_a_text_of_their_own()
    {
        var assemblies = Directory.EnumerateFiles(AppContext.BaseDirectory, "SkTuning*.dll").Where(f => !Path.GetFileName(f).Contains("Tests"))
            .Select(f => Assembly.Load(Path.GetFileNameWithoutExtension(f))).ToList();
        var results = assemblies.SelectMany(a => a.GetExportedTypes())
            .Where(t => Result().IsMatch(t.Name) && !t.IsAbstract && t.GetMethod("<Clone>$") is not null).ToList();
        Assert.True(results.Count > 10, string.Join(", ", results));
        var wrong = results.Where(t => IsGenerated(t) && t.GetProperties().Any(p => IsList(p.PropertyType))).Select(t => t.Name).ToList();
        Assert.True(wrong.Count == 0, string.Join(", ", wrong));
    }

    private static bool IsGenerated(Type record)
        => record.GetMethod(nameof(ToString), Type.EmptyTypes)!.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    private static bool IsList(Type type) => type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable));

    [GeneratedRegex("(Report|Prediction|Verdict|Check|Result|Explanation|Search)$")]
    private static partial Regex Result();
}

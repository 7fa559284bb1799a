using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using SkTuning.Compare;
using TorchSharp;

namespace SkTuning.Tests.Native;

/// <summary>eng/BannedSymbols.Numbers.txt by what the compiler wrote: the analyzer is silent where an operator stands in <c>x += y</c> or <c>x *= 2</c>.</summary>
public sealed class NumbersBanTests
{
    private static readonly string[] Banned = [.. File.ReadLines(Path.Combine(Fixtures.Repository, "eng", "BannedSymbols.Numbers.txt")).Where(l => !l.StartsWith("//", StringComparison.Ordinal)).Select(l => l.Split(';')[0])];

    /// <summary>The one place that makes scalars (Numbers) calls these; the analyzer sees every other.</summary>
    private static bool Makes(string id) => id.StartsWith("M:TorchSharp.ScalarExtensionMethods.ToScalar(", StringComparison.Ordinal);

    public static TheoryData<string> Assemblies => [.. Directory.GetFiles(AppContext.BaseDirectory, "SkTuning*.dll").Select(f => Path.GetFileNameWithoutExtension(f)).Where(n => n != "SkTuning.Tests").Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void No_call_makes_a_number_on_the_fly(string assembly)
    {
        var called = Called(Assembly.Load(assembly));
        string[] found = [.. called.Where(id => !Makes(id) && Banned.Any(b => b == id || b[0] == 'T' && id.StartsWith("M:" + b[2..] + ".", StringComparison.Ordinal)))];
        Assert.Empty(found);
    }

    [Fact]
    public void Every_banned_name_is_one_of_TorchSharps()
    {
        var types = typeof(torch).Assembly.GetExportedTypes();
        var names = types.SelectMany(t => t.GetMethods()).Select(Id).Concat(types.Select(t => "T:" + Name(t))).ToHashSet();
        Assert.NotEmpty(Banned);
        string[] unknown = [.. Banned.Where(b => !names.Contains(b))];
        Assert.Empty(unknown);
    }

    [Fact]
    public void These_tests_themselves_are_caught() => Assert.Contains("M:TorchSharp.torch.Tensor.op_Addition(TorchSharp.torch.Tensor,TorchSharp.torch.Tensor)", Called(typeof(NumbersTests).Assembly).Intersect(Banned));

    /// <summary>TorchSharp's methods that an assembly calls, as in XML documentation.</summary>
    private static HashSet<string> Called(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var metadata = file.GetMetadataReader();
        var called = new HashSet<string>();
        foreach (var handle in metadata.MemberReferences)
        {
            var reference = metadata.GetMemberReference(handle);
            if (reference.GetKind() != MemberReferenceKind.Method || reference.Parent.Kind != HandleKind.TypeReference) continue;
            var method = assembly.ManifestModule.ResolveMethod(MetadataTokens.GetToken(handle))!;
            if (method.DeclaringType!.Assembly == typeof(torch).Assembly) called.Add(Id(method));
        }
        return called;
    }

    private static string Id(MethodBase method)
    {
        var parameters = method.GetParameters();
        return $"M:{Name(method.DeclaringType!)}.{method.Name}"
            + (parameters.Length == 0 ? "" : $"({string.Join(",", parameters.Select(p => Name(p.ParameterType)))})")
            + (method.Name == "op_Implicit" ? "~" + Name(((MethodInfo)method).ReturnType) : "");
    }

    private static string Name(Type type)
    {
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (!type.IsConstructedGenericType) return (type.FullName ?? type.Name).Replace('+', '.');
        return $"{Name(type.GetGenericTypeDefinition()).Split('`')[0]}{{{string.Join(",", type.GetGenericArguments().Select(Name))}}}";
    }
}

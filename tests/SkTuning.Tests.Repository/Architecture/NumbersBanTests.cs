using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using TorchSharp;

namespace SkTuning.Tests.Architecture;

/// <summary>
/// Checks eng/BannedSymbols.Numbers.txt in the compiled code: the analyzer does not report the operators in <c>x += y</c> and <c>x *= 2</c>.
/// </summary>
public sealed class NumbersBanTests
{
    private static readonly string[] Banned =
    [
        .. File.ReadLines(Path.Combine(Fixtures.Repository, "eng", "BannedSymbols.Numbers.txt"))
            .Where(l => !l.StartsWith("//", StringComparison.Ordinal)).Select(l => l.Split(';')[0]),
    ];

    /// <summary>True for the methods that create scalars. The class Numbers may call them; the analyzer reports every other call.</summary>
    private static bool CreatesScalar(string id)
        => id.StartsWith("M:TorchSharp.ScalarExtensionMethods.ToScalar(", StringComparison.Ordinal);

    public static TheoryData<string> Assemblies =>
    [
        .. Directory.GetFiles(AppContext.BaseDirectory, "SkTuning*.dll").Select(f => Path.GetFileNameWithoutExtension(f))
            .Where(n => n != typeof(NumbersBanTests).Assembly.GetName().Name).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void No_call_creates_a_number_on_the_fly(string assembly)
    {
        var called = Called(Assembly.Load(assembly));
        string[] found = [.. called.Where(id => !CreatesScalar(id) && Banned.Any(b => Matches(b, id)))];
        Assert.Empty(found);

        static bool Matches(string banned, string id)
            => banned == id || banned[0] == 'T' && id.StartsWith("M:" + banned[2..] + ".", StringComparison.Ordinal);
    }

    [Fact]
    public void Every_banned_name_exists_in_TorchSharp()
    {
        var types = typeof(torch).Assembly.GetExportedTypes();
        var names = types.SelectMany(t => t.GetMethods()).Select(Id).Concat(types.Select(t => "T:" + Name(t))).ToHashSet();
        Assert.NotEmpty(Banned);
        string[] unknown = [.. Banned.Where(b => !names.Contains(b))];
        Assert.Empty(unknown);
    }

    [Fact]
    public void The_banned_calls_of_these_tests_are_found()
    {
        const string addition = "M:TorchSharp.torch.Tensor.op_Addition(TorchSharp.torch.Tensor,TorchSharp.torch.Tensor)";
        Assert.Contains(addition, Called(typeof(NumbersBanTests).Assembly).Intersect(Banned));
    }

    private static torch.Tensor Sum(torch.Tensor value) => value + value;

    /// <summary>Returns the documentation IDs of TorchSharp's methods that an assembly calls.</summary>
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

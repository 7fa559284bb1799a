using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SkTuning.Tests;

/// <summary>Compares the defaults of public properties and parameters with those that their documentation gives.</summary>
internal static partial class DocumentedDefaults
{
    /// <summary>Fails if a default is not what the documentation says, or if fewer than expected were found to compare.</summary>
    /// <param name="type">A type of the assembly.</param>
    /// <param name="atLeast">The least number of defaults in its documentation.</param>
    public static void Check(Type type, int atLeast)
    {
        var assembly = type.Assembly;
        var (compared, wrong) = (0, new List<string>());
        foreach (var member in XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member"))
        {
            var name = (string)member.Attribute("name")!;
            foreach (var (text, actual) in Defaults(assembly, name, member))
            {
                if (Stated().Match(text) is not { Success: true } stated) continue;
                compared++;
                var values = actual();
                if (!values.Any(a => Same(stated.Groups[1].Value, a))) wrong.Add($"{name}: {stated.Value}, but it is {string.Join(" or ", values)}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
        Assert.True(compared >= atLeast, $"{compared}");
    }

    /// <summary>The documentation of a member, or of each of its parameters, with the default that it has; with those of all overloads.</summary>
    private static IEnumerable<(string Text, Func<IReadOnlyList<object?>> Actual)> Defaults(Assembly assembly, string name, XElement member)
    {
        var path = name[2..].Split('(')[0].Replace("#ctor", ".ctor", StringComparison.Ordinal);
        var end = path.EndsWith("..ctor", StringComparison.Ordinal) ? path.Length - ".ctor".Length - 1 : path.LastIndexOf('.');
        var (owner, own) = (path[..end], path[(end + 1)..]);
        if (name[0] == 'T') (owner, own) = (path, ".ctor");
        if (assembly.GetType(owner) is not { } type) yield break;
        const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;
        if (name[0] == 'P' && !type.IsAbstract && !type.ContainsGenericParameters && type.GetConstructor(Type.EmptyTypes) is not null)
        {
            var property = type.GetProperty(own, BindingFlags.Public | BindingFlags.Instance);
            if (property is { CanRead: true }) yield return (Flat(member), () => [property.GetValue(Activator.CreateInstance(type))]);
        }
        if (name[0] is not ('M' or 'T')) yield break;
        var parameters = (own == ".ctor" ? type.GetConstructors(all) : type.GetMethods(all).Where(m => m.Name == own.Split('`')[0]).Cast<MethodBase>())
            .SelectMany(m => m.GetParameters()).Where(p => p.HasDefaultValue).ToLookup(p => p.Name);
        foreach (var parameter in member.Elements("param"))
        {
            var values = parameters[(string)parameter.Attribute("name")!].Select(p => p.DefaultValue).ToList();
            if (values.Count > 0) yield return (Flat(parameter), () => values);
        }
    }

    /// <summary>The text in one line, in which code and references are in guillemets.</summary>
    private static string Flat(XElement element)
    {
        var copy = new XElement(element);
        foreach (var reference in copy.Descendants("see").ToList())
        {
            // Of references, those to values have a value: fields of enumerations, and constants.
            var target = (string?)reference.Attribute("cref") ?? "";
            var value = target.StartsWith("F:", StringComparison.Ordinal) ? $"«{target.Split('.')[^1]}»" : target;
            reference.ReplaceWith((string?)reference.Attribute("langword") ?? value);
        }
        foreach (var code in copy.Descendants("c").ToList()) code.ReplaceWith($"«{code.Value}»");
        return Spaces().Replace(copy.Value, " ");
    }

    private static bool Same(string stated, object? actual) => (stated, actual) switch
    {
        ("null", _) => actual is null,
        ("true" or "false", _) => actual is bool flag && flag == (stated == "true"),
        (_, TimeSpan time) => Duration().Match(stated) is { Success: true } m && time == (m.Groups[2].Value) switch
        {
            "ms" or "millisecond" => TimeSpan.FromMilliseconds(Number(m.Groups[1].Value)),
            "second" => TimeSpan.FromSeconds(Number(m.Groups[1].Value)),
            _ => TimeSpan.FromMinutes(Number(m.Groups[1].Value)),
        },
        (['«', ..], string text) => text.Replace("\n", "\\n", StringComparison.Ordinal) == stated[1..^1],
        (['«', ..], IEnumerable<string> names) => string.Join(", ", names.Select(n => $"«{n}»")) == stated.Replace(" and ", ", ", StringComparison.Ordinal),
        (['«', ..], _) => $"«{actual}»" == stated,
        (_, IConvertible bytes) when stated.EndsWith("iB", StringComparison.Ordinal)
            => Convert.ToDouble(bytes, CultureInfo.InvariantCulture) == Number(stated[..^4]) * (stated[^3] == 'G' ? 1 << 30 : 1 << 20),
        (_, IConvertible number) => Convert.ToDouble(number, CultureInfo.InvariantCulture) == Number(stated),
        _ => false,
    };

    private static double Number(string text) => double.Parse(text.Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    [GeneratedRegex(@"The default is (null|true|false|«[^»]*»(?:(?:, | and )«[^»]*»)*|"
        + @"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e-?\d+)?(?: ms| millisecond| second| minute| GiB| MiB)?)(?! of| %| or)")]
    private static partial Regex Stated();

    [GeneratedRegex(@"^([\d.,]+) (ms|millisecond|second|minute)")]
    private static partial Regex Duration();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SkTuning.Tests.Architecture;

/// <summary>The sources of one project, compiled in memory: which folder uses which, member by member. Documentation comments do not count.</summary>
internal sealed class SourceProject
{
    private readonly string _root;
    private readonly CSharpCompilation _compilation;

    /// <param name="name">The project, a folder of <c>src</c>.</param>
    public SourceProject(string name)
    {
        _root = Path.Combine(Fixtures.Repository, "src", name);
        var parsing = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview);
        var usings = CSharpSyntaxTree.ParseText("global using System; global using System.Collections.Generic; global using System.IO; "
            + "global using System.Linq; "
            + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;", parsing);
        var trees = Files.Select(f => CSharpSyntaxTree.ParseText(File.ReadAllText(f), parsing, f));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(f => Path.GetFileNameWithoutExtension(f) != name).Select(f => MetadataReference.CreateFromFile(f));
        _compilation = CSharpCompilation.Create(name, [usings, .. trees], references,
            new(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>The source files.</summary>
    public IReadOnlyList<string> Files => [.. Directory.EnumerateFiles(_root, "*.cs", SearchOption.AllDirectories)
        .Where(f => !f.Split(Path.DirectorySeparatorChar).Contains("obj")).Order(StringComparer.Ordinal)];

    /// <summary>The first folder of a file's path below the project; empty for a file of the project itself.</summary>
    public string Folder(string file) => Path.GetRelativePath(_root, file).Split(Path.DirectorySeparatorChar) is [var folder, _, ..] ? folder : "";

    /// <summary>Every use of a folder's code in another folder.</summary>
    public IReadOnlyList<FolderUse> Uses() => [.. _compilation.SyntaxTrees.Where(t => t.FilePath.Length > 0).AsParallel().AsOrdered().SelectMany(UsesIn)];

    /// <summary>
    /// Every place where a number or a date becomes text in the culture of the machine: in interpolated strings, by concatenation, or by string.Join. Analyzers
    /// report the calls of ToString, not these. Whole numbers count only if they have a format.
    /// </summary>
    public IReadOnlyList<string> CultureDependentTexts()
        => [.. _compilation.SyntaxTrees.Where(t => t.FilePath.Length > 0).AsParallel().AsOrdered().SelectMany(CultureDependentTexts)];

    private IEnumerable<string> CultureDependentTexts(SyntaxTree tree)
    {
        var model = _compilation.GetSemanticModel(tree);
        foreach (var node in tree.GetRoot().DescendantNodes())
        {
            var found = node switch
            {
                InterpolationSyntax part => Depends(model.GetTypeInfo(part.Expression).Type,
                    part.FormatClause?.FormatStringToken.ValueText[0] is not (null or 'x' or 'X' or 'D')) && !HasCulture(part.Parent!),
                BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } sum when IsText(sum)
                    => Depends(model.GetTypeInfo(sum.Left).Type, false) || Depends(model.GetTypeInfo(sum.Right).Type, false),
                InvocationExpressionSyntax call
                    when model.GetSymbolInfo(call).Symbol is IMethodSymbol { Name: "Join" or "Concat", IsGenericMethod: true } method
                    && method.ContainingType.SpecialType == SpecialType.System_String => Depends(method.TypeArguments[0], false),
                _ => false,
            };
            if (found) yield return $"{tree.FilePath}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}: {node}";
        }

        bool IsText(ExpressionSyntax expression) => model.GetTypeInfo(expression).Type?.SpecialType == SpecialType.System_String;

        // Passed to a method with a culture, alone or as a part of a sum: string.Create, FormattableString.Invariant, Append.
        bool HasCulture(SyntaxNode text)
        {
            while (text.Parent is BinaryExpressionSyntax or ParenthesizedExpressionSyntax) text = text.Parent;
            return text.Parent is ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax call }
                && model.GetSymbolInfo(call).Symbol is IMethodSymbol method
                && (method.Name == "Invariant" || method.Parameters.Any(p => p.Type.Name == nameof(IFormatProvider)));
        }

        static bool Depends(ITypeSymbol? type, bool isFormatted)
        {
            if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable) type = nullable.TypeArguments[0];
            return type?.SpecialType is SpecialType.System_Single or SpecialType.System_Double or SpecialType.System_Decimal or SpecialType.System_DateTime
                || type?.Name is "Half" or "DateTimeOffset" or "DateOnly" or "TimeOnly"
                || isFormatted && type?.SpecialType is (SpecialType.System_Int32 or SpecialType.System_Int64
                    or SpecialType.System_UInt32 or SpecialType.System_UInt64);
        }
    }

    private IEnumerable<FolderUse> UsesIn(SyntaxTree tree)
    {
        var (model, own) = (_compilation.GetSemanticModel(tree), Folder(tree.FilePath));
        foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
        {
            if (name.FirstAncestorOrSelf<UsingDirectiveSyntax>() is not null) continue;
            var info = model.GetSymbolInfo(name);
            if ((info.Symbol ?? info.CandidateSymbols.FirstOrDefault()) is not { } symbol) continue;
            var used = symbol is IMethodSymbol { ReducedFrom: { } extension } ? extension : symbol.OriginalDefinition;
            if (used is INamespaceSymbol or ILocalSymbol or IParameterSymbol or ITypeParameterSymbol) continue;
            if (used.Locations.FirstOrDefault(l => l.IsInSource)?.SourceTree is not { FilePath.Length: > 0 } declared) continue;
            var folder = Folder(declared.FilePath);
            if (folder != own)
                yield return new(own, folder, tree.FilePath, name.GetLocation().GetLineSpan().StartLinePosition.Line + 1, used.ToDisplayString());
        }
    }
}

/// <summary>A use of one folder's code in another folder.</summary>
/// <param name="From">The folder of the file.</param>
/// <param name="To">The folder that the symbol is declared in.</param>
/// <param name="File">The file.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Symbol">What is used.</param>
internal sealed record FolderUse(string From, string To, string File, int Line, string Symbol);

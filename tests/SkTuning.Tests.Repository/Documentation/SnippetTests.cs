using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace SkTuning.Tests.Documentation;

/// <summary>
/// Every C# block of README.md and docs/*.md compiles against the packages as a user's program would, and without warnings, except for unused variables.
/// <list type="bullet">
/// <item>A block is a C# 14 program of top-level statements, or type declarations, in a project with nullable and implicit usings enabled.</item>
/// <item>A block that starts with using directives needs no others. Any other block is compiled with <c>using SkTuning;</c>.</item>
/// <item>Except for the first block of README.md, blocks may use the values of <see cref="Values"/>; docs/library.md lists them for the reader.</item>
/// <item>Blocks with the info string <c>cs</c> are not compiled: docs/adding-a-*.md show code from inside the library, which nothing outside can use.</item>
/// </list>
/// </summary>
public sealed class SnippetTests
{
    /// <summary>The global usings of a console project of the SDK.</summary>
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    /// <summary>What the blocks assume.</summary>
    private const string Values = """
        global using static Documentation.Values;
        using SkTuning;

        namespace Documentation;

        public static class Values
        {
            public static FrozenModel model = null!;
            public static TextClassifier classifier = null!;
            public static TextClassifierOptions options = null!;
            public static IReadOnlyList<Row> rows = null!, dev = null!, test = null!;
            public static IReadOnlyList<string> texts = null!;
            public static CancellationToken cancellationToken;
        }
        """;

    /// <summary>Assigned but never read, declared but never used; local functions, too.</summary>
    private static readonly string[] Unused = ["CS0168", "CS0219", "CS8321"];

    private static readonly CSharpParseOptions Language = new(LanguageVersion.CSharp14);

    private static readonly IReadOnlyList<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static TheoryData<string, int> Snippets => [.. Page.Names.SelectMany(Page.Snippets).Select(s => (s.Page, s.Number))];

    [Theory]
    [MemberData(nameof(Snippets))]
    public void A_snippet_compiles(string page, int number)
    {
        var snippet = Page.Snippets(page)[number - 1];
        Compiles(snippet, HasUsings(snippet) ? [ImplicitUsings, Values] : [ImplicitUsings, Values, "global using SkTuning;"]);
    }

    [Fact]
    public void Only_pages_for_contributors_have_blocks_that_are_not_compiled()
        => Assert.All(Page.Names.Where(n => !n.StartsWith("docs/adding-a-", StringComparison.Ordinal)), name => Assert.Empty(Page.OtherCSharp(name)));

    [Fact]
    public void The_first_snippet_of_the_readme_is_a_whole_program_with_one_using_directive()
    {
        var snippet = Page.Snippets("README.md")[0];
        var root = CSharpSyntaxTree.ParseText(snippet.Code, Language).GetCompilationUnitRoot();
        Assert.Equal("using SkTuning;", Assert.Single(root.Usings).ToString());
        Assert.InRange(root.Members.Count, 5, 10);
        Compiles(snippet, [ImplicitUsings]);
    }

    private static bool HasUsings(Snippet snippet) => CSharpSyntaxTree.ParseText(snippet.Code, Language).GetCompilationUnitRoot().Usings.Count > 0;

    private static void Compiles(Snippet snippet, IEnumerable<string> others)
    {
        var tree = CSharpSyntaxTree.ParseText(snippet.Code, Language);
        var isProgram = tree.GetCompilationUnitRoot().Members.Any(m => m is GlobalStatementSyntax);
        var kind = isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary;
        var options = new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable);
        var compilation = CSharpCompilation.Create("Snippet", [tree, .. others.Select(o => CSharpSyntaxTree.ParseText(o, Language))], References, options);
        var failures = compilation.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning && !Unused.Contains(d.Id))
            .Select(d => Described(snippet, tree, d)).ToList();
        Assert.True(failures.Count == 0, $"{snippet.Page}, block {snippet.Number}:\n{string.Join('\n', failures)}");
    }

    private static string Described(Snippet snippet, SyntaxTree tree, Diagnostic diagnostic)
    {
        LinePosition start = diagnostic.Location.GetLineSpan().StartLinePosition;
        var place = diagnostic.Location.SourceTree == tree ? $"line {snippet.Line + start.Line + 1}" : "around the block";
        return $"{place}: {diagnostic.Id}: {diagnostic.GetMessage()}";
    }
}

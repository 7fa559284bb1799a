using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SkTuning.Mutants;

/// <summary>Finds every expression of a source file that can be mutated.</summary>
internal static class Mutator
{
    private static readonly Dictionary<SyntaxKind, (string Operator, string Other)> Operators = new()
    {
        [SyntaxKind.LessThanExpression] = ("<", "<="),
        [SyntaxKind.LessThanOrEqualExpression] = ("<=", "<"),
        [SyntaxKind.GreaterThanExpression] = (">", ">="),
        [SyntaxKind.GreaterThanOrEqualExpression] = (">=", ">"),
        [SyntaxKind.EqualsExpression] = ("==", "!="),
        [SyntaxKind.NotEqualsExpression] = ("!=", "=="),
        [SyntaxKind.LogicalAndExpression] = ("&&", "||"),
        [SyntaxKind.LogicalOrExpression] = ("||", "&&"),
        [SyntaxKind.AddExpression] = ("+", "-"),
        [SyntaxKind.SubtractExpression] = ("-", "+"),
        [SyntaxKind.MultiplyExpression] = ("*", "/"),
        [SyntaxKind.DivideExpression] = ("/", "*"),
    };

    /// <summary>Returns the mutations of a file, without numbers. Some do not compile: whether + adds numbers or texts is not known here.</summary>
    public static IEnumerable<Mutation> Find(string file, string code)
    {
        foreach (var node in CSharpSyntaxTree.ParseText(code).GetRoot().DescendantNodes().OfType<ExpressionSyntax>())
        {
            if (After(node) is not { } after || !Replaceable(node)) continue;
            var (from, to) = (code.LastIndexOf('\n', node.SpanStart) + 1, code.IndexOf('\n', node.Span.End));
            var (was, becomes) = (code[from..to], code[from..node.SpanStart] + after + code[node.Span.End..to]);
            yield return new(0, file, node.GetLocation().GetLineSpan().StartLinePosition.Line + 1, node.SpanStart, node.ToString(), after,
                Mutation.OneLine(was), Mutation.OneLine(becomes));
        }
    }

    private static string? After(ExpressionSyntax node) => node switch
    {
        BinaryExpressionSyntax binary when Operators.TryGetValue(binary.Kind(), out var pair) => $"{binary.Left} {pair.Other} {binary.Right}",
        PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression } not => not.Operand.ToString(),
        LiteralExpressionSyntax { RawKind: (int)SyntaxKind.TrueLiteralExpression } => "false",
        LiteralExpressionSyntax { RawKind: (int)SyntaxKind.FalseLiteralExpression } => "true",
        LiteralExpressionSyntax { Token.Value: int value } => FormattableString.Invariant($"{value + 1L}"),
        ConditionalExpressionSyntax choice => $"{choice.Condition} ? {choice.WhenFalse} : {choice.WhenTrue}",
        _ => null,
    };

    /// <summary>False where a constant is required, where variables are declared inside, and in texts: messages are compared in few tests.</summary>
    private static bool Replaceable(ExpressionSyntax node)
        => !node.Ancestors().Any(a => a is AttributeSyntax or ParameterSyntax or PatternSyntax or SwitchLabelSyntax or EnumMemberDeclarationSyntax
                or InterpolatedStringExpressionSyntax or ThrowExpressionSyntax or ThrowStatementSyntax or FixedStatementSyntax or ArrayRankSpecifierSyntax
            || a is FieldDeclarationSyntax f && f.Modifiers.Any(SyntaxKind.ConstKeyword)
            || a is LocalDeclarationStatementSyntax { IsConst: true })
        && !node.DescendantNodes().Any(d => d is VariableDesignationSyntax or AssignmentExpressionSyntax or InterpolatedStringExpressionSyntax
            or LiteralExpressionSyntax { RawKind: (int)SyntaxKind.StringLiteralExpression });
}

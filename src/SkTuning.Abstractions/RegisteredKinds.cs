using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json.Serialization;

namespace SkTuning;

/// <summary>
/// The kinds of a polymorphic options record, read from its <see cref="JsonDerivedTypeAttribute"/>s: one attribute registers a kind for files, for the command
/// line and for error messages.
/// </summary>
/// <typeparam name="TBase">The base record.</typeparam>
internal static class RegisteredKinds<TBase> where TBase : class
{
    private static readonly IReadOnlyList<(string Name, Type Type)> Registered =
        [.. typeof(TBase).GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false).Select(a => ((string)a.TypeDiscriminator!, a.DerivedType))];

    /// <summary>Gets the names, in the order of registration.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Registered.Select(r => r.Name)];

    /// <summary>Returns the name that a kind is registered under.</summary>
    public static string NameOf(TBase options) => Registered.First(r => r.Type == options.GetType()).Name;

    /// <summary>Creates the kind with its defaults, or returns <see langword="null"/> if no kind has the name.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2077",
        Justification = "The generated JSON code calls the constructor of every registered kind. eng/publish-sizes.sh creates all of them when trimmed.")]
    public static TBase? Create(string? name)
        => Registered.FirstOrDefault(r => r.Name == name) is { Type: { } type } ? (TBase)Activator.CreateInstance(type)! : null;
}

using System.Text.RegularExpressions;

namespace SkTuning.Hub;

/// <summary>A model's name and revision on the hub. Both are checked, because they become parts of paths.</summary>
internal sealed partial record HubRepository
{
    public HubRepository(string name, string revision)
    {
        if (!IsName(name))
            throw new SkTuningException(
                $"'{OneLine(name)}' is not the name of a model on the hub, expected org/name. "
                + "To use a model folder on this disk, pass its path instead (FrozenModel.Load, --model).");
        if (!RevisionRule().IsMatch(revision) || revision.Length > 200 || revision.Contains("..", StringComparison.Ordinal))
            throw new SkTuningException($"'{OneLine(revision)}' is not a revision, expected a branch, a tag or a commit such as main.");
        (Name, Revision) = (name, revision);
    }

    public string Name { get; }
    public string Revision { get; }

    /// <summary>The name of the model's folder in the cache.</summary>
    public string Folder => "models--" + Name.Replace("/", "--", StringComparison.Ordinal);

    public bool RevisionIsCommit => IsCommit(Revision);

    /// <summary>Returns true if a repository of the hub can have a name. A relative path of one or two parts can look the same.</summary>
    public static bool IsName(string name) => NameRule().IsMatch(name) && name.Length <= 200 && !name.Contains("--", StringComparison.Ordinal)
        && !name.Contains("..", StringComparison.Ordinal) && !name.EndsWith(".git", StringComparison.OrdinalIgnoreCase);

    public static bool IsCommit(string text) => CommitRule().IsMatch(text);

    public override string ToString() => $"{Name} ({Revision})";

    internal static string OneLine(string text) => string.Concat(text.Take(100).Select(c => char.IsControl(c) ? ' ' : c));

    [GeneratedRegex(@"\A[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?(/[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?)?\z")]
    private static partial Regex NameRule();

    // A git name without the characters that git or a file system forbids. No part of it starts with a dot.
    [GeneratedRegex(
        @"\A[^\x00-\x20\x7f\\~^:?*\[""<>|/.][^\x00-\x20\x7f\\~^:?*\[""<>|/]*(/[^\x00-\x20\x7f\\~^:?*\[""<>|/.][^\x00-\x20\x7f\\~^:?*\[""<>|/]*)*\z")]
    private static partial Regex RevisionRule();

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex CommitRule();
}

using System.Text.Json;

namespace SkTuning.Hub;

/// <summary>The hub's answer about a revision: its commit and the names of its files.</summary>
internal sealed record HubListing(string Commit, IReadOnlySet<string> Files)
{
    /// <summary>Reads {"sha": "...", "siblings": [{"rfilename": "..."}]}.</summary>
    public static HubListing Read(string where, byte[] answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer, new JsonDocumentOptions { MaxDepth = 64 });
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("sha", out var sha) || sha.ValueKind != JsonValueKind.String
                || !HubRepository.IsCommit(sha.GetString()!))
                throw SkTuningException.BadFile(where, "sha", "missing or not a commit", "40 hexadecimal digits", "Is HF_ENDPOINT the address of a hub?");
            if (!root.TryGetProperty("siblings", out var siblings) || siblings.ValueKind != JsonValueKind.Array)
                throw SkTuningException.BadFile(where, "siblings", "missing", "a list of files");
            var files = new HashSet<string>(StringComparer.Ordinal);
            foreach (var item in siblings.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("rfilename", out var name) || name.ValueKind != JsonValueKind.String)
                    throw SkTuningException.BadFile(where, "siblings", "an entry without a name", "objects with rfilename");
                files.Add(Safe(where, name.GetString()!));
            }
            return new(sha.GetString()!, files);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw SkTuningException.BadFile(
                where, null, "an answer that is not JSON", "the hub's list of files", "Is HF_ENDPOINT the address of a hub?", e);
        }
    }

    /// <summary>Refuses a name that leads out of the model's folder, even if the file is not needed: no trustworthy hub has one.</summary>
    public static string Safe(string where, string name)
        => name.Length > 0 && !name.Contains('\\') && !name.Any(char.IsControl) && name.Split('/').All(part => part is not ("" or "." or "..")) ? name
            : throw SkTuningException.BadFile(
                where, HubRepository.OneLine(name), "a path that leaves the model's folder", "a plain relative path",
                "Nothing was written; do not trust this repository.");
}

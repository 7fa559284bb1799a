namespace SkTuning.Metrics;

/// <summary>Reads entities from tags such as <c>B-PER</c>, <c>I-PER</c>, and <c>O</c>.</summary>
public static class EntityTags
{
    /// <summary>Returns a value that indicates whether tags mark entities: each is O, or B-, I-, E-, or S- followed by a type.</summary>
    public static bool MarksEntities(IEnumerable<string> tags) => tags.All(t => t == "O" || t.Length > 2 && t[1] == '-' && "BIES".Contains(t[0]));

    /// <summary>
    /// Reads tags as the CoNLL-2000 script (and seqeval by default) does, which turns every run of tags into an entity. An entity begins at B or S, at an I or
    /// E after O, E, or S, and where the type changes. It ends at O or before the next entity begins.
    /// </summary>
    /// <exception cref="SkTuningException">A tag is not O and does not start with B-, I-, E-, or S-.</exception>
    public static IReadOnlyList<EntitySpan> ReadConll(IReadOnlyList<string> tags)
    {
        var spans = new List<EntitySpan>();
        var start = -1;
        var last = ('O', "");
        for (var i = 0; i <= tags.Count; i++)
        {
            var tag = i < tags.Count ? Split(tags[i], i) : ('O', "");
            var begins = tag.Item1 is 'B' or 'S' || tag.Item1 != 'O' && (last.Item1 is 'O' or 'E' or 'S' || tag.Item2 != last.Item2);
            if (start >= 0 && (begins || tag.Item1 == 'O'))
            {
                spans.Add(new(last.Item2, start, i));
                start = -1;
            }
            if (begins) start = i;
            last = tag;
        }
        return spans;
    }

    /// <summary>Reads only entities whose tags follow the scheme and ignores all others (as in seqeval's strict mode).</summary>
    /// <exception cref="SkTuningException">A tag does not belong to the scheme.</exception>
    public static IReadOnlyList<EntitySpan> ReadStrict(IReadOnlyList<string> tags, EntityScheme scheme = EntityScheme.Bio2)
    {
        var parts = tags.Select(Split).ToArray();
        var spans = new List<EntitySpan>();
        if (scheme == EntityScheme.Bio2 && Array.FindIndex(parts, p => p.Prefix is 'E' or 'S') is >= 0 and var foreign)
            throw new SkTuningException(
                $"Entity tags: token {foreign + 1} is tagged '{tags[foreign]}', expected O, B- or I-. "
                    + $"Use the scheme {nameof(EntityScheme.Bioes)} for E- and S-.");
        for (var i = 0; i < parts.Length;)
        {
            var (prefix, type) = parts[i];
            var end = i + 1;
            if (prefix == 'S') spans.Add(new(type, i, end));
            if (prefix == 'B')
            {
                while (end < parts.Length && parts[end] == ('I', type)) end++;
                var closed = end < parts.Length && parts[end] == ('E', type);
                if (closed) end++;
                if (closed || scheme == EntityScheme.Bio2) spans.Add(new(type, i, end));
            }
            i = end;
        }
        return spans;
    }

    private static (char Prefix, string Type) Split(string tag, int token)
    {
        if (tag == "O") return ('O', "");
        if (tag.Length > 0 && "BIES".Contains(tag[0]) && (tag.Length == 1 || tag[1] == '-')) return (tag[0], tag.Length < 3 ? "" : tag[2..]);
        throw new SkTuningException($"Entity tags: token {token + 1} is tagged '{tag}', expected O, or B-, I-, E- or S- followed by a type.");
    }
}

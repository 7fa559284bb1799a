using System.Text.Json;
using SkTuning.Tokenizers.Processors;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads the entry "post_processor" of a tokenizer.json.</summary>
internal static class ProcessorReader
{
    /// <summary>Limits for damaged files: a template adds a few tokens.</summary>
    private const int MaxAdded = 4_096, MaxTrims = 16;

    public static PostProcessor Read(JsonPart part)
    {
        var type = part.String("type");
        var processor = type switch
        {
            "TemplateProcessing" => ReadTemplate(part),
            "BertProcessing" => ReadBert(part),
            "RobertaProcessing" => ReadRoberta(part),
            "ByteLevel" => ReadByteLevel(part),
            "Sequence" => ReadSequence(part),
            _ => throw part.NotImplemented("type", type),
        };
        part.Done();
        return processor;
    }

    private static PostProcessor ReadSequence(JsonPart part)
    {
        var whole = PostProcessor.None;
        var template = false;
        foreach (var processor in part.Parts("processors").Select(Read))
        {
            if (!IsPlain(processor))
            {
                if (template) throw part.Bad("processors", "a list with more than one template", "at most one: combining templates is not implemented");
                template = true;
                whole = processor with { Trims = whole.Trims };
            }
            if (whole.Trims.Count + processor.Trims.Count > MaxTrims)
                throw part.Bad("processors", $"a list with more than {MaxTrims} steps that trim offsets", "at most one");
            whole = whole with { Trims = [.. whole.Trims, .. processor.Trims] };
        }
        return whole;
    }

    private static bool IsPlain(PostProcessor p)
        => ReferenceEquals(p.Single, PostProcessor.None.Single) && ReferenceEquals(p.Pair, PostProcessor.None.Pair);

    private static PostProcessor ReadByteLevel(JsonPart part)
    {
        part.Bool("use_regex", true);
        var space = part.Bool("add_prefix_space", true);
        return PostProcessor.None with { Trims = part.Bool("trim_offsets", true) ? [space] : [] };
    }

    private static PostProcessor ReadBert(JsonPart part)
    {
        var (sep, cls) = (TokenId(part, "sep"), TokenId(part, "cls"));
        return new()
        {
            Single = [new(cls, 0, 0), new(-1, 0, 0), new(sep, 0, 0)],
            Pair = [new(cls, 0, 0), new(-1, 0, 0), new(sep, 0, 0), new(-1, 1, 1), new(sep, 0, 1)],
        };
    }

    private static PostProcessor ReadRoberta(JsonPart part)
    {
        var (sep, cls) = (TokenId(part, "sep"), TokenId(part, "cls"));
        return Roberta(sep, cls, part.Bool("add_prefix_space", true), part.Bool("trim_offsets", true));
    }

    public static PostProcessor Roberta(int sep, int cls, bool prefixSpace, bool trim) => new()
    {
        Single = [new(cls, 0, 0), new(-1, 0, 0), new(sep, 0, 0)],
        Pair = [new(cls, 0, 0), new(-1, 0, 0), new(sep, 0, 0), new(sep, 0, 0), new(-1, 1, 0), new(sep, 0, 0)],
        Trims = trim ? [prefixSpace] : [],
    };

    /// <summary>Reads the id of <c>["&lt;/s&gt;", 2]</c>.</summary>
    private static int TokenId(JsonPart part, string key)
    {
        var value = part.Value(key);
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2 && IsId(value[1], out var id)) return id;
        throw part.Bad(key, JsonPart.Kind(value), "a token and its id");
    }

    private static bool IsId(JsonElement value, out int id)
    {
        id = -1;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out id) && id >= 0 && id <= Vocabulary.LargestId;
    }

    private static PostProcessor ReadTemplate(JsonPart part)
    {
        var special = new Dictionary<string, int[]>(StringComparer.Ordinal);
        var table = part.Part("special_tokens");
        foreach (var entry in table.Entries())
        {
            var token = table.Part(entry).Ignore("id", "tokens");
            var ids = token.Items("ids").Select(i => IsId(i, out var id) ? id : throw token.Bad("ids", JsonPart.Kind(i), "an id")).ToArray();
            token.Done();
            special[entry.Name] = ids;
        }
        var (single, pair) = (Places("single"), Places("pair"));
        if (Fault("single", single, 1) is { } fault) throw fault;
        // The template of pairs does not matter for single texts.
        return new() { Single = single, Pair = pair, PairFault = Fault("pair", pair, 2) };

        List<TemplatePlace> Places(string key)
        {
            var places = new List<TemplatePlace>();
            foreach (var place in part.Parts(key))
            {
                if (place.OptionalPart("Sequence") is { } sequence)
                {
                    var id = sequence.String("id");
                    var text = id == "A" ? 0 : id == "B" ? 1 : throw sequence.Bad("id", $"'{id}'", "A or B");
                    places.Add(new(-1, text, sequence.Int("type_id", 0, int.MaxValue, 0)));
                    sequence.Done();
                }
                else
                {
                    var token = place.Part("SpecialToken");
                    var name = token.String("id");
                    if (!special.TryGetValue(name, out var ids)) throw token.Bad("id", $"'{name}'", "one of special_tokens");
                    var type = token.Int("type_id", 0, int.MaxValue, 0);
                    if (places.Count + ids.Length > MaxAdded)
                        throw part.Bad(key, $"a template of more than {MaxAdded} tokens", "the few special tokens around a text");
                    places.AddRange(ids.Select(id => new TemplatePlace(id, 0, type)));
                    token.Done();
                }
                place.Done();
            }
            return places;
        }

        SkTuningException? Fault(string key, List<TemplatePlace> places, int texts)
        {
            for (var text = 0; text < 2; text++)
                if (places.Count(p => p.IsText && p.Sequence == text) is var n && n != (text < texts ? 1 : 0))
                    return part.Bad(key, $"a template with text {(text == 0 ? "A" : "B")} {n} times", texts == 1 ? "A once and no B" : "A and B once each");
            return null;
        }
    }
}

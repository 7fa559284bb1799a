using System.Text.Json;
using SkTuning.Tokenizers.AddedTokens;
using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.PreTokenizers;
using SkTuning.Tokenizers.Processors;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Writes the byte-level tokenizer of a GGUF file as a tokenizer.json, the file of the Hugging Face tokenizers library.</summary>
internal static class TokenizerJsonWriter
{
    public static string Write(GgufTokenizer stored, TokenizerDefinition parts, string file)
    {
        TokenizerFiles.Json(file, json =>
        {
            json.WriteString("version", "1.0");
            json.WriteNull("truncation");
            json.WriteNull("padding");
            json.WriteStartArray("added_tokens");
            foreach (var token in Added(parts))
            {
                json.WriteStartObject();
                json.WriteNumber("id", parts.Added.IdOf(token.Content)!.Value);
                Token(json, token);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            if (parts.Normalizer is UnicodeNormalizer n) Typed(json, "normalizer", (n.IsCompatible ? "NFK" : "NF") + (n.Composes ? "C" : "D"));
            else json.WriteNull("normalizer");
            json.WritePropertyName("pre_tokenizer");
            Cuts(json, parts.PreTokenizer!);
            Template(json, parts);
            Typed(json, "decoder", "ByteLevel");
            json.WriteStartObject("model");
            json.WriteString("type", "BPE");
            foreach (var absent in (ReadOnlySpan<string>)["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
                json.WriteNull(absent);
            json.WriteBoolean("fuse_unk", false);
            json.WriteBoolean("byte_fallback", false);
            json.WriteBoolean("ignore_merges", GgufCuts.Of(stored.Pre)!.IgnoreMerges);
            json.WriteStartObject("vocab");
            foreach (var (id, token) in stored.Tokens.Index())
                if (parts.Model.Vocabulary.IdOf(token) == id) json.WriteNumber(token, id);
            json.WriteEndObject();
            json.WriteStartArray("merges");
            foreach (var merge in stored.Merges!) json.WriteStringValue(merge);
            json.WriteEndArray();
            json.WriteEndObject();
        });
        return "PreTrainedTokenizerFast";
    }

    private static void Typed(Utf8JsonWriter json, string key, string type)
    {
        json.WriteStartObject(key);
        json.WriteString("type", type);
        json.WriteEndObject();
    }

    private static void Cuts(Utf8JsonWriter json, PreTokenizerStep step)
    {
        json.WriteStartObject();
        switch (step)
        {
            case PreTokenizerSequence sequence:
                json.WriteString("type", "Sequence");
                json.WriteStartArray("pretokenizers");
                foreach (var part in sequence.Steps) Cuts(json, part);
                json.WriteEndArray();
                break;
            case ByteLevelPreTokenizer bytes:
                json.WriteString("type", "ByteLevel");
                json.WriteBoolean("add_prefix_space", bytes.AddsPrefixSpace);
                json.WriteBoolean("trim_offsets", true);
                json.WriteBoolean("use_regex", bytes.UsesRegex);
                break;
            case DigitsPreTokenizer digits:
                json.WriteString("type", "Digits");
                json.WriteBoolean("individual_digits", digits.Individual);
                break;
            case PunctuationPreTokenizer punctuation:
                json.WriteString("type", "Punctuation");
                json.WriteString("behavior", punctuation.Behavior.ToString());
                break;
            case SplitPreTokenizer split:
                json.WriteString("type", "Split");
                json.WriteStartObject("pattern");
                json.WriteString("Regex", split.Pattern.Name);
                json.WriteEndObject();
                json.WriteString("behavior", split.Behavior.ToString());
                json.WriteBoolean("invert", split.Inverted);
                break;
            default: throw new InvalidOperationException($"{step.GetType().Name} does not occur in a GGUF file.");
        }
        json.WriteEndObject();
    }

    private static void Template(Utf8JsonWriter json, TokenizerDefinition parts)
    {
        var around = parts.PostProcessor;
        if (around.Added(pair: false) == 0)
        {
            json.WriteNull("post_processor");
            return;
        }
        json.WriteStartObject("post_processor");
        json.WriteString("type", "TemplateProcessing");
        foreach (var (key, places) in (ReadOnlySpan<(string, IReadOnlyList<TemplatePlace>)>)[("single", around.Single), ("pair", around.Pair)])
        {
            json.WriteStartArray(key);
            foreach (var place in places)
            {
                json.WriteStartObject();
                json.WriteStartObject(place.IsText ? "Sequence" : "SpecialToken");
                json.WriteString("id", place.IsText ? place.Sequence == 0 ? "A" : "B" : Name(place.Id));
                json.WriteNumber("type_id", place.TypeId);
                json.WriteEndObject();
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteStartObject("special_tokens");
        foreach (var id in around.Single.Where(p => !p.IsText).Select(p => p.Id).Distinct())
        {
            json.WriteStartObject(Name(id));
            json.WriteString("id", Name(id));
            json.WriteStartArray("ids");
            json.WriteNumberValue(id);
            json.WriteEndArray();
            json.WriteStartArray("tokens");
            json.WriteStringValue(Name(id));
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();

        string Name(int id) => parts.Model.Vocabulary.TokenOf(id)!;
    }

    public static IEnumerable<AddedToken> Added(TokenizerDefinition parts) => parts.Added.Tokens.OrderBy(t => parts.Added.IdOf(t.Content));

    public static void Token(Utf8JsonWriter json, AddedToken token)
    {
        json.WriteString("content", token.Content);
        json.WriteBoolean("single_word", token.SingleWord);
        json.WriteBoolean("lstrip", token.LeftStrip);
        json.WriteBoolean("rstrip", token.RightStrip);
        json.WriteBoolean("normalized", token.Normalized);
        json.WriteBoolean("special", token.Special);
    }
}

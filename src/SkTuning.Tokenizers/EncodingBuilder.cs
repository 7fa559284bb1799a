using SkTuning.Tokenizers.Processors;

namespace SkTuning.Tokenizers;

/// <summary>Assembles an encoding from texts, special tokens and padding.</summary>
internal sealed class EncodingBuilder
{
    private readonly int[] _ids;
    private readonly int[] _types;
    private readonly TextSpan[] _offsets;
    private readonly int[] _words;
    private readonly sbyte[] _sequences;
    private readonly int _padding;
    private readonly TextSide _side;
    private int _at;

    public EncodingBuilder(int length, int padding, TextSide side, int padId, int padType)
    {
        (_ids, _types, _offsets, _words, _sequences) = (new int[length], new int[length], new TextSpan[length], new int[length], new sbyte[length]);
        (_padding, _side) = (padding, side);
        var (from, to) = side == TextSide.Left ? (0, padding) : (length - padding, length);
        _ids.AsSpan(from, to - from).Fill(padId);
        _types.AsSpan(from, to - from).Fill(padType);
        _sequences.AsSpan(from, to - from).Fill(-1);
        _at = side == TextSide.Left ? padding : 0;
    }

    public void AddSpecial(int id, int type)
    {
        (_ids[_at], _types[_at], _sequences[_at]) = (id, type, -1);
        _at++;
    }

    public void Add(Sequence text, int number, int type)
    {
        for (var i = 0; i < text.Count; i++, _at++)
        {
            (_ids[_at], _types[_at], _words[_at], _sequences[_at]) = (text.Ids[i], type, text.Words[i], (sbyte)number);
            _offsets[_at] = new(text.Starts[i], text.Ends[i]);
        }
    }

    public TextEncoding Finish(bool wasTruncated)
        => new(_ids, _types, _offsets, _words, _sequences, _ids.Length - _padding, _side == TextSide.Left) { WasTruncated = wasTruncated };
}

using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Normalizers;

/// <summary>NFC, NFD, NFKC and NFKD from built-in tables: the same on every machine, with or without ICU.</summary>
internal sealed class UnicodeNormalizer(bool compose, bool compatible) : NormalizerStep
{
    /// <summary>A character of a decomposition, its combining class, and its change (see <see cref="TextTransform"/>).</summary>
    private struct Pending
    {
        public int CodePoint;
        public int Change;
        public byte Class;
    }

    public bool Composes => compose;

    public bool IsCompatible => compatible;

    public override bool KeepsStart => true;

    public override void Apply(TextState state)
    {
        var source = state.Text;
        if (UnicodeTables.IsSurelyNormal(source.Span, compose, compatible)) return;
        var target = state.NextText();
        var output = new Composer(compose, new TextTransform(source, target, state.PartAt));
        var pending = new Pending[16];
        var count = 0;
        var text = source.Span;
        for (int at = 0, units; at < text.Length; at += units)
        {
            var c = CodePoints.At(text, at, out units);
            if (c is >= Hangul.First and <= Hangul.Last)
            {
                Flush(pending, ref count, ref output);
                var change = 0;
                foreach (var part in Hangul.Parts(c)) output.Add(part, 0, change++ > 0 ? 1 : 0);
                continue;
            }
            var parts = UnicodeTables.Decomposition(c, compatible);
            for (var i = 0; i < (parts?.Length ?? 1); i++)
            {
                var part = parts is null ? c : parts[i];
                var combining = UnicodeTables.CombiningClass(part);
                if (combining == 0) Flush(pending, ref count, ref output);
                if (count == pending.Length) Array.Resize(ref pending, count * 2);
                pending[count++] = new() { CodePoint = part, Change = i > 0 ? 1 : 0, Class = combining };
                if (combining == 0) Flush(pending, ref count, ref output);
            }
        }
        Flush(pending, ref count, ref output);
        output.Finish();
        state.TakeText();
    }

    /// <summary>Writes the marks sorted by class; marks of the same class keep their order.</summary>
    private static void Flush(Pending[] pending, ref int count, ref Composer output)
    {
        if (count > 1)
        {
            var sorted = pending.AsSpan(0, count);
            if (count <= 32) Insert(sorted);
            else pending.Take(count).OrderBy(p => p.Class).ToArray().CopyTo(sorted);
        }
        foreach (var p in pending.AsSpan(0, count)) output.Add(p.CodePoint, p.Class, p.Change);
        count = 0;
    }

    private static void Insert(Span<Pending> items)
    {
        for (var i = 1; i < items.Length; i++)
        {
            var item = items[i];
            var at = i;
            for (; at > 0 && items[at - 1].Class > item.Class; at--) items[at] = items[at - 1];
            items[at] = item;
        }
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("unicode", compose, compatible);

    /// <summary>Recomposes characters, or passes them on unchanged.</summary>
    private ref struct Composer(bool compose, TextTransform output)
    {
        private TextTransform _output = output;
        private List<Pending>? _waiting;
        private int _starter = -1;
        private int _change;
        private int _lastClass = -1;

        public void Add(int c, byte combining, int change)
        {
            if (!compose)
            {
                _output.Add(c, change);
                return;
            }
            if (_starter < 0)
            {
                if (combining != 0) _output.Add(c, change);
                else (_starter, _change) = (c, change);
                return;
            }
            // A mark of the same or a higher class in between blocks a mark from composing with the starter.
            if (_lastClass < combining || _lastClass < 0)
            {
                if ((_lastClass < 0 || combining != 0) && Composed(_starter, c) is >= 0 and var composed)
                {
                    (_starter, _change) = (composed, _change + change - 1);
                    return;
                }
            }
            if (combining == 0)
            {
                Finish();
                (_starter, _change) = (c, change);
                return;
            }
            (_waiting ??= []).Add(new() { CodePoint = c, Change = change });
            _lastClass = combining;
        }

        public void Finish()
        {
            if (_starter >= 0) _output.Add(_starter, _change);
            if (_waiting is not null)
            {
                foreach (var w in _waiting) _output.Add(w.CodePoint, w.Change);
                _waiting.Clear();
            }
            (_starter, _lastClass) = (-1, -1);
        }

        private static int Composed(int first, int second)
            => Hangul.Compose(first, second) is >= 0 and var syllable ? syllable : UnicodeTables.Compose(first, second);
    }
}

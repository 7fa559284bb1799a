using System.Globalization;
using SkTuning.Data;

namespace SkTuning.Bench;

/// <summary>
/// Sequences of units that are made like speech after clustering: words of four phones, each phone three units that are held for one to three frames, two ways
/// to begin and to end each phone, of which a speaker has one, noise, and silence around the words. Words come in pairs with the same phones in reverse order,
/// so that counts of units do not distinguish them. The same arguments give the same sequences everywhere.
/// </summary>
internal static class GeneratedUnits
{
    /// <summary>The number of different units.</summary>
    public const int Units = 100;

    /// <summary>The number of different words.</summary>
    public const int Words = 32;

    private const int Phones = 19, UnitsOfPhone = 5, Silence = Phones * UnitsOfPhone, PhonesOfWord = 4, MostFrames = 3, MostWords = 3, Speakers = 4;

    private const ulong Lexicon = 7;

    private const double Noise = 0.15;

    /// <summary>Returns sequences of one to three words without labels.</summary>
    public static IReadOnlyList<string> Sequences(int count, ulong seed)
    {
        var random = new Shuffler(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Said([.. Enumerable.Range(0, random.Next(MostWords) + 1).Select(_ => random.Next(Words))], random))];
    }

    /// <summary>Returns rows of one word each, whose labels are the first words.</summary>
    /// <param name="labels">The number of labels.</param>
    /// <param name="perLabel">The number of rows of each label.</param>
    /// <param name="seed">The seed.</param>
    public static IReadOnlyList<Row> Rows(int labels, int perLabel, ulong seed)
    {
        var random = new Shuffler(seed);
        return [.. Enumerable.Range(0, labels * perLabel).Select(i => new Row(Said([i % labels], random),
            string.Create(CultureInfo.InvariantCulture, $"word-{i % labels}")))];
    }

    /// <summary>Returns the same rows with their units in a random order: their counts without their order.</summary>
    public static IReadOnlyList<Row> Shuffled(IReadOnlyList<Row> rows, ulong seed)
    {
        var random = new Shuffler(seed);
        return [.. rows.Select(r =>
        {
            var units = r.Text.Split(' ');
            random.Shuffle<string>(units);
            return r with { Text = string.Join(' ', units) };
        })];
    }

    private static string Said(int[] words, Shuffler random)
    {
        var (units, speaker) = (new List<int>(), random.Next(Speakers));
        Hold(Silence + random.Next(Units - Silence));
        foreach (var phone in words.SelectMany(Phonemes))
        {
            Hold(phone * UnitsOfPhone + speaker % 2);
            Hold(phone * UnitsOfPhone + 2);
            Hold(phone * UnitsOfPhone + 3 + speaker / 2);
        }
        Hold(Silence + random.Next(Units - Silence));
        return string.Join(' ', units);

        void Hold(int unit)
        {
            for (var frames = random.Next(MostFrames) + 1; frames > 0; frames--) units.Add(random.NextDouble() < Noise ? random.Next(Units) : unit);
        }
    }

    /// <summary>Returns the phones of a word.</summary>
    private static IEnumerable<int> Phonemes(int word)
    {
        var all = Enumerable.Range(0, Phones).ToArray();
        new Shuffler(Lexicon + (ulong)(word / 2)).Shuffle<int>(all);
        var phones = all.Take(PhonesOfWord);
        return word % 2 == 0 ? phones : phones.Reverse();
    }
}

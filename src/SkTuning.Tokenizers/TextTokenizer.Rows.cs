using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers;

public sealed partial class TextTokenizer
{
    /// <summary>
    /// The number of ids that the model knows. Many published folders add a token, such as one for padding, that the model never got a row for.
    /// </summary>
    private readonly int _rows;

    /// <summary>
    /// Returns the tokenizer for a model with this many rows of word embeddings. Added tokens without a row are read as plain text, and have no role. Returns
    /// null if a token of the ordinary vocabulary has no row, or one that is in every text: then tokenizer and model do not belong together.
    /// </summary>
    internal TextTokenizer? ForRows(int rows)
    {
        if (VocabularySize <= rows) return this;
        var vocabulary = _parts.Model.Vocabulary;
        for (var id = rows; id < vocabulary.Size; id++)
            if (vocabulary.TokenOf(id) is { } token && _parts.Added.IdOf(token) != id) return null;
        var everywhere = _parts.PostProcessor.Single.Concat(_parts.PostProcessor.Pair).Where(p => !p.IsText).Select(p => p.Id);
        return _parts.Model.Unknown >= rows || everywhere.Any(id => id >= rows) ? null : new(_parts, rows);
    }

    /// <summary>Refuses a text in which the ordinary vocabulary found a token without a row.</summary>
    private void RequireRows(TokenList tokens)
    {
        if (_rows == int.MaxValue) return;
        foreach (var id in tokens.Ids.AsSpan(0, tokens.Count))
            if (id >= _rows)
                throw new SkTuningException(
                    $"The text contains '{TokenOf(id)}', a token of id {id} for which the model has no embedding (it has {_rows}): remove it.");
    }
}

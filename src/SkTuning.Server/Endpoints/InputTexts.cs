using Microsoft.AspNetCore.Http;
using SkTuning.Server.Http;
using SkTuning.Serving;

namespace SkTuning.Server.Endpoints;

/// <summary>Checks the texts of requests.</summary>
internal static class InputTexts
{
    /// <summary>Returns the texts of a request, with a second text where it has pairs.</summary>
    /// <exception cref="RefusedException">There is not exactly one kind of texts, or they are too many or too long.</exception>
    public static IReadOnlyList<(string Text, string? Text2)> Of(ClassifyRequest request, ClassifierServerOptions options)
    {
        if ((request.Text is null ? 0 : 1) + (request.Texts is null ? 0 : 1) + (request.Pairs is null ? 0 : 1) != 1)
            throw Bad("Expected one of 'text', 'texts' and 'pairs'.");
        var count = request.Texts?.Length ?? request.Pairs?.Length ?? 1;
        if (count == 0) throw Bad("Expected one text or more.");
        RequireCount(count, options);
        if (request.Text is { } text) return [(Checked(text, options), null)];
        if (request.Texts is { } texts) return [.. texts.Select(t => (Checked(t, options), (string?)null))];
        return [.. request.Pairs!.Select(p => p is [var first, var second] ? (Checked(first, options), (string?)Checked(second, options))
            : throw Bad("Each of 'pairs' is a list of two texts."))];
    }

    /// <exception cref="RefusedException">There are more texts than a request may have.</exception>
    public static void RequireCount(int count, ClassifierServerOptions options)
    {
        if (count > options.MaxTexts)
            throw new RefusedException(StatusCodes.Status413PayloadTooLarge, $"{count} texts, expected at most {options.MaxTexts} in a request.");
    }

    /// <exception cref="RefusedException">The text is missing or too long.</exception>
    public static string Checked(string? text, ClassifierServerOptions options)
    {
        if (text is null) throw Bad("A text is null, expected a text.");
        if (text.Length > options.MaxTextLength)
        {
            throw new RefusedException(StatusCodes.Status413PayloadTooLarge,
                $"A text of {text.Length} characters, expected at most {options.MaxTextLength}.");
        }
        return text;
    }

    /// <exception cref="RefusedException">The adapter reads pairs and the texts are single, or the other way round.</exception>
    public static void RequireKind(ServedAdapter adapter, string name, bool hasPairs)
    {
        if (adapter.ReadsPairs == hasPairs) return;
        throw Bad(hasPairs ? $"The adapter '{name}' reads single texts, but pairs were given." : $"The adapter '{name}' reads pairs of texts.");
    }

    public static RefusedException Bad(string detail) => new(StatusCodes.Status400BadRequest, detail);
}

using SkTuning.Tokenizers.Chat;

namespace SkTuning.Tokenizers;

public sealed partial class TextTokenizer
{
    private Template? _chat;

    /// <summary>
    /// A conversation as the text that an instruct model was trained on, by the model's own <see cref="ChatTemplate"/>. It holds the special tokens already: encode it
    /// without adding any.
    /// </summary>
    /// <param name="messages">The turns, in order.</param>
    /// <param name="addGenerationPrompt">Whether the text ends where the model is to answer.</param>
    /// <exception cref="SkTuningException">There is no template, it uses a part of Jinja that is not implemented, or it refuses the conversation.</exception>
    public string RenderChat(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt = false)
    {
        ArgumentNullException.ThrowIfNull(messages);
        _chat ??= Template.Parse(ChatTemplate ?? throw new SkTuningException("The model's files hold no chat template."));
        var variables = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["messages"] = messages.Select(object? (m) => new Dictionary<string, object?>(StringComparer.Ordinal) { ["role"] = m.Role, ["content"] = m.Content }).ToList(),
            ["add_generation_prompt"] = addGenerationPrompt,
            ["tools"] = null,
            ["documents"] = null,
        };
        foreach (var (name, token) in new[] { ("bos_token", _parts.Special.Bos), ("eos_token", _parts.Special.Eos), ("unk_token", _parts.Special.Unk), ("pad_token", _parts.Special.Pad), ("sep_token", _parts.Special.Sep), ("cls_token", _parts.Special.Cls), ("mask_token", _parts.Special.Mask) })
            if (token is not null) variables[name] = token;
        return _chat.Render(variables);
    }
}

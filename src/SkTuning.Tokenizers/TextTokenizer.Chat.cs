using SkTuning.Tokenizers.Chat;

namespace SkTuning.Tokenizers;

public sealed partial class TextTokenizer
{
    private Template? _chat;

    /// <summary>
    /// Renders a conversation in the format that an instruction-tuned model was trained on, using the model's own <see cref="ChatTemplate"/>. The text
    /// already contains the special tokens, so encode it without adding any.
    /// </summary>
    /// <param name="messages">The messages, in order.</param>
    /// <param name="addGenerationPrompt">Whether to end the text with the prompt for the model's answer.</param>
    /// <returns>The rendered conversation.</returns>
    /// <exception cref="SkTuningException">
    /// There is no template, the template uses a part of Jinja that is not implemented, or it rejects the conversation.
    /// </exception>
    public string RenderChat(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt = false)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var source = ChatTemplate ?? throw new SkTuningException("The model's files contain no chat template.");
        var variables = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["messages"] = messages
                .Select(object? (m) => new Dictionary<string, object?>(StringComparer.Ordinal) { ["role"] = m.Role, ["content"] = m.Content })
                .ToList(),
            ["add_generation_prompt"] = addGenerationPrompt,
            ["tools"] = null,
            ["documents"] = null,
        };
        var special = _parts.Special;
        (string, string?)[] tokens =
        [
            ("bos_token", special.Bos), ("eos_token", special.Eos), ("unk_token", special.Unk), ("pad_token", special.Pad),
            ("sep_token", special.Sep), ("cls_token", special.Cls), ("mask_token", special.Mask),
        ];
        foreach (var (name, token) in tokens)
            if (token is not null) variables[name] = token;
        try
        {
            return (_chat ??= Template.Parse(source)).Render(variables);
        }
        catch (SkTuningException e)
        {
            throw TemplateError.In(_parts.ChatTemplateFile, _parts.ChatTemplateKey, e);
        }
    }
}

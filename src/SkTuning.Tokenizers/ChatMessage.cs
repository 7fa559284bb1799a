namespace SkTuning.Tokenizers;

/// <summary>Represents one message of a conversation, for <see cref="TextTokenizer.RenderChat"/>.</summary>
/// <param name="Role">The role of the speaker: system, user, assistant, or any other role that the template supports.</param>
/// <param name="Content">The text of the message.</param>
public sealed record ChatMessage(string Role, string Content);

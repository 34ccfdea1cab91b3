// The words before an answer, the same on every screen.

using ActorChat.Node;
using ActorChat.Node.Consoles;

namespace ActorChat.Screens;

/// <summary>Prompts in words.</summary>
internal static class PromptText
{
    /// <summary>The prompt, safe to show.</summary>
    public static string Of(Prompt prompt) => prompt switch
    {
        Prompt.Message { To: { } to } => $"{Printable.Line(to)}> ",
        Prompt.Continuation => "… ",
        Prompt.Recipients => "To: ",
        Prompt.Password password => $"Password for {Printable.Line(password.Address)}: ",
        Prompt.OwnName => "Your name: ",
        _ => "> ",
    };
}

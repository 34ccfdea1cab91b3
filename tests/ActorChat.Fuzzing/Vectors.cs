// The figures of an independent implementation, copied from interop/vectors beside this program.

using System.Text.Json;

namespace ActorChat.Fuzzing;

internal static class Vectors
{
    /// <summary>A whole conversation of the modern profile.</summary>
    public static JsonElement ModernConversation { get; } = Load("modern-conversation.json");

    public static JsonElement Load(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", name)));
        return document.RootElement.Clone();
    }

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.Text(name));
}

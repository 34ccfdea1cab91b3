// The lines of a program's input that are requests to the outbox: {"waiting": true} and {"cancel": "ID"}.

using System.Text.Json;

namespace ActorChat.Node.Consoles;

/// <summary>What a program asks of the outbox.</summary>
internal static class JsonRequest
{
    /// <summary>Reads one line; null when it is neither.</summary>
    public static object? Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind != JsonValueKind.Object || document.RootElement.GetPropertyCount() != 1 ? null
                : document.RootElement.TryGetProperty("waiting", out var waiting) && waiting.ValueKind == JsonValueKind.True ? new OutboxActor.ListWaiting(AsEvents: true)
                : document.RootElement.TryGetProperty("cancel", out var cancel) && cancel.ValueKind == JsonValueKind.String && cancel.TryGetGuid(out var id) ? new OutboxActor.Cancel($"{id}")
                : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return null;
        }
    }
}

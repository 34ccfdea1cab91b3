// A line of a program's input that asks for what came in since the program last ran: {"feed": {"from": CURSOR}}.

using System.Text.Json;

namespace ActorChat.Node.Consoles;

/// <summary>Asks for the messages after a record of the secure log.</summary>
/// <param name="From">The number of the last record that the program has handled; 0 for none.</param>
public sealed record FeedRequest(long From)
{
    /// <summary>Reads a line that has a member <c>feed</c>.</summary>
    /// <param name="line">One line of input.</param>
    /// <param name="problem">What is wrong with it; null when it has no such member, or nothing is wrong.</param>
    public static FeedRequest? Parse(string line, out string? problem)
    {
        problem = null;
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("feed", out var feed))
            {
                return null;
            }

            if (root.GetPropertyCount() == 1 && feed.ValueKind == JsonValueKind.Object && feed.GetPropertyCount() == 1
                && feed.TryGetProperty("from", out var from) && from.ValueKind == JsonValueKind.Number && from.TryGetInt64(out var number) && number >= 0)
            {
                return new FeedRequest(number);
            }

            problem = "to ask for a feed, write {\"feed\": {\"from\": CURSOR}}, with the cursor of the last message that you handled, or 0";
        }
        catch (JsonException)
        {
            // The line is not JSON; JsonCommand says what is wrong.
        }

        return null;
    }
}

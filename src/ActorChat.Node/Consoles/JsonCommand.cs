// One line of a program's input: {"to": …, "text": …, "ref": …}. Unknown members are refused, so that a bot's mistake is reported and not guessed at.

using System.Text.Json;

namespace ActorChat.Node.Consoles;

/// <summary>A message to send, as a program asked for it.</summary>
/// <param name="Names">The names in <c>to</c>; empty where an address is given.</param>
/// <param name="Address">The address in <c>to</c>, or null.</param>
/// <param name="Password">The password beside the address.</param>
/// <param name="Text">The message.</param>
/// <param name="Reference">The program's own reference, which comes back with the outcome.</param>
public sealed record JsonCommand(IReadOnlyList<string> Names, HostPort? Address, string? Password, string Text, string? Reference)
{
    private const string Form = "a line must be {\"to\": \"name\" or [\"name\", …] or {\"address\": \"host:port\", \"password\": \"…\"}, \"text\": \"…\", \"ref\": \"…\"}";

    /// <summary>Reads one line.</summary>
    /// <param name="line">One JSON object.</param>
    /// <param name="problem">What is wrong with it, when null is returned.</param>
    public static JsonCommand? Parse(string line, out string problem)
    {
        problem = Form;
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(document.RootElement, ref problem) : null;
        }
        catch (JsonException e)
        {
            problem = $"not JSON: {e.Message}";
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            problem = "a string holds half a surrogate pair";
            return null;
        }
    }

    /// <summary>Shows the recipients only, never text or password.</summary>
    public override string ToString() => $"{nameof(JsonCommand)} to {Address?.ToString() ?? string.Join(", ", Names)}";

    private static JsonCommand? Read(JsonElement root, ref string problem)
    {
        if (HasUnknown(root, ["to", "text", "ref"], ref problem))
        {
            return null;
        }

        if (!root.TryGetProperty("to", out var to) || StringIn(root, "text") is not { } text || (root.TryGetProperty("ref", out _) && StringIn(root, "ref") is null))
        {
            return null;
        }

        var reference = StringIn(root, "ref");
        switch (to.ValueKind)
        {
            case JsonValueKind.String:
                return new JsonCommand([to.GetString()!], null, null, text, reference);
            case JsonValueKind.Array when to.GetArrayLength() > 0 && to.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String):
                return new JsonCommand([.. to.EnumerateArray().Select(name => name.GetString()!).Distinct()], null, null, text, reference);
            case JsonValueKind.Object when HasUnknown(to, ["address", "password"], ref problem):
                return null;
            case JsonValueKind.Object when StringIn(to, "address") is { } address && StringIn(to, "password") is { Length: > 0 } password:
                if (HostPort.Parse(address) is { } hostPort)
                {
                    return new JsonCommand([], hostPort, password, text, reference);
                }

                problem = $"the address \"{address}\" is not host:port (an IPv6 address as [::1]:5002)";
                return null;
            default:
                return null;
        }
    }

    private static bool HasUnknown(JsonElement element, string[] known, ref string problem)
    {
        foreach (var member in element.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                problem = $"the member \"{member.Name}\" is unknown; {Form}";
                return true;
            }
        }

        return false;
    }

    private static string? StringIn(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

// Events as programs read them: one JSON object, one line.

using System.Globalization;
using System.Text.Json;

namespace ActorChat.Node.Consoles;

/// <summary>The JSON form of events.</summary>
public static class JsonEvent
{
    /// <summary>The event as one line of UTF-8, with its line feed.</summary>
    /// <exception cref="ArgumentException">Programs do not get this kind of event.</exception>
    public static byte[] ToLine(NodeEvent nodeEvent) => [.. JsonSerializer.SerializeToUtf8Bytes(Members(nodeEvent)), (byte)'\n'];

    private static Dictionary<string, object?> Members(NodeEvent nodeEvent) => nodeEvent switch
    {
        NodeEvent.Listening e => new() { ["event"] = "listening", ["name"] = e.Name, ["address"] = e.Address, ["port"] = e.Port },
        NodeEvent.MessageArrived e => new()
        {
            ["event"] = "message", ["from"] = e.From, ["text"] = e.Text, ["id"] = e.Id, ["at"] = Word(e.At), ["written"] = e.WrittenAt is { } written ? Word(written) : null,
            ["seq"] = e.Sequence, ["gap"] = e.Missing, ["late"] = e.IsLate, ["cursor"] = e.Number,
        },
        NodeEvent.FeedBegun e => new() { ["event"] = "feed", ["from"] = e.From },
        NodeEvent.MessageSent e => WithName(e.PeerName, new()
        {
            ["event"] = "sent", ["to"] = e.To, ["ref"] = e.Reference, ["id"] = e.Id, ["outcome"] = e.Outcome.Word(), ["reason"] = e.Failure?.InWords(),
        }),
        NodeEvent.MessageWaits e => new()
        {
            ["event"] = "waiting", ["to"] = e.To, ["ref"] = e.Reference, ["id"] = e.Id, ["reason"] = e.Why?.InWords(), ["until"] = e.Until.ToString("O", CultureInfo.InvariantCulture),
        },
        NodeEvent.WaitingListed e => new() { ["event"] = "waiting_listed", ["count"] = e.Count },
        NodeEvent.Problem { Reference: null } e => new() { ["event"] = "error", ["message"] = e.Message },
        NodeEvent.Problem e => new() { ["event"] = "error", ["ref"] = e.Reference, ["message"] = e.Message },
        _ => throw new ArgumentException($"{nodeEvent.GetType().Name} has no JSON form.", nameof(nodeEvent)),
    };

    private static string Word(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);

    // A program that gave an address is told who answered there.
    private static Dictionary<string, object?> WithName(string? peerName, Dictionary<string, object?> members)
    {
        if (peerName is not null)
        {
            members["name"] = peerName;
        }

        return members;
    }
}

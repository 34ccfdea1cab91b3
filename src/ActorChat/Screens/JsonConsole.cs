// The console of programs and bots: one JSON object per line each way, and nothing else on standard output.

using System.Globalization;
using System.Text;
using System.Text.Json;
using ActorChat.Node;
using ActorChat.Node.Consoles;
using Akka.Actor;

namespace ActorChat.Screens;

/// <summary>Events as JSON lines; input lines as they are.</summary>
internal sealed class JsonConsole : IConsole
{
    private readonly LineReader _reader;
    private readonly Lock _lock = new();
    private readonly Stream _output = Console.OpenStandardOutput();

    /// <summary>Makes the console. Its input is UTF-8 whatever the locale says, as JSON is.</summary>
    public JsonConsole()
    {
        var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        _reader = new LineReader(_ => input.ReadLine());
    }

    /// <inheritdoc/>
    public void Ask(Prompt prompt, IActorRef replyTo) => _reader.Ask(prompt, replyTo);

    /// <inheritdoc/>
    public void Show(NodeEvent nodeEvent)
    {
        if (nodeEvent is NodeEvent.Notice notice)
        {
            Console.Error.WriteLine($"actorchat: {notice.Message}"); // for whoever runs the program, who is not the one who reads its output
            return;
        }

        if (nodeEvent is NodeEvent.MessageStarted)
        {
            return; // a program hears of the outcome
        }

        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(Members(nodeEvent)), (byte)'\n'];
        lock (_lock)
        {
            _output.Write(line);
            _output.Flush();
        }
    }

    private static Dictionary<string, object?> Members(NodeEvent nodeEvent) => nodeEvent switch
    {
        NodeEvent.Listening e => new() { ["event"] = "listening", ["name"] = e.Name, ["address"] = e.Address, ["port"] = e.Port },
        NodeEvent.MessageArrived e => new()
        {
            ["event"] = "message", ["from"] = e.From, ["text"] = e.Text, ["id"] = e.Id, ["at"] = e.At.ToString("O", CultureInfo.InvariantCulture),
        },
        NodeEvent.MessageSent e => WithName(e.PeerName, new()
        {
            ["event"] = "sent", ["to"] = e.To, ["ref"] = e.Reference, ["id"] = e.Id, ["outcome"] = Word(e.Outcome), ["reason"] = e.Failure?.InWords(),
        }),
        NodeEvent.Problem e => new() { ["event"] = "error", ["message"] = e.Message },
        _ => throw new ArgumentException($"{nodeEvent.GetType().Name} has no JSON form.", nameof(nodeEvent)),
    };

    // Where the program gave an address, it is told who answered there.
    private static Dictionary<string, object?> WithName(string? peerName, Dictionary<string, object?> members)
    {
        if (peerName is not null)
        {
            members["name"] = peerName;
        }

        return members;
    }

    private static string Word(Outcome outcome) => outcome switch
    {
        Outcome.Delivered => "delivered",
        Outcome.NotDelivered => "not_delivered",
        Outcome.Rejected => "rejected",
        _ => "unknown",
    };
}

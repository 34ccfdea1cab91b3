// Diagnostics for the person at the terminal: what concerns a person, as a sentence. The details of a failed conversation, in the protocol's words, are for
// troubleshooting and stay in the log file.

using System.Globalization;
using System.Net;
using ActorChat.Node.Sessions;
using Serilog.Core;
using Serilog.Events;

namespace ActorChat.Node.Logging;

/// <summary>Turns log events into sentences.</summary>
/// <param name="tell">Receives them.</param>
internal sealed class Sentences(Action<string> tell) : ILogEventSink
{
    /// <summary>The property that says which class a line comes from.</summary>
    public const string Class = "Class";

    /// <inheritdoc/>
    public void Emit(LogEvent logEvent)
    {
        ArgumentNullException.ThrowIfNull(logEvent);
        if (Of(logEvent) is { } sentence)
        {
            tell(sentence);
        }
    }

    /// <summary>A line of the log as a sentence; null where it does not concern a person. The user hears of his own messages by their outcomes.</summary>
    public static string? Of(LogEvent logEvent)
    {
        ArgumentNullException.ThrowIfNull(logEvent);
        return logEvent.Level >= LogEventLevel.Error ? Rendered(logEvent)
            : Text(logEvent, Class) switch
            {
                nameof(ResponderSession) => OfCaller(Text(logEvent, "0"), Text(logEvent, "2")),
                nameof(InitiatorSession) or nameof(ListenerActor) => null,
                _ => Rendered(logEvent),
            };
    }

    // The peer as it is labelled: an address with its port, and the name that it gave in brackets.
    private static string? OfCaller(string peer, string reason)
    {
        var (end, bracket) = (peer.IndexOf(" (", StringComparison.Ordinal), peer.EndsWith(')'));
        var (address, name) = end >= 0 && bracket ? (peer[..end], peer[(end + 2)..^1]) : (peer, null);
        var where = IPEndPoint.TryParse(address, out var remote) ? $"{remote.Address}" : address;
        return name switch
        {
            null when IsNonsense(reason) => $"Somebody at {where} connected and did not speak the protocol.",
            null => null,
            _ when reason.StartsWith(nameof(Protocol.Pdus.Verdict.BadHmac), StringComparison.Ordinal) || reason.Contains("our answer", StringComparison.Ordinal)
                || reason.Contains("wrong answer", StringComparison.Ordinal) => $"Somebody at {where} used {name}'s name with a wrong password.",
            _ when reason.Contains("its clock", StringComparison.Ordinal) => $"{name} at {where} cannot get through: {reason[reason.IndexOf("its clock", StringComparison.Ordinal)..]}, and 25 s are allowed.",
            _ => null,
        };
    }

    private static bool IsNonsense(string reason) =>
        reason.StartsWith(nameof(Protocol.Pdus.Verdict.Malformed), StringComparison.Ordinal) || reason.StartsWith(nameof(Protocol.Pdus.Verdict.BadCrc), StringComparison.Ordinal)
        || reason.StartsWith(nameof(Protocol.Pdus.Verdict.Unexpected), StringComparison.Ordinal);

    private static string Rendered(LogEvent logEvent) => logEvent.MessageTemplate.Render(logEvent.Properties, CultureInfo.InvariantCulture);

    private static string Text(LogEvent logEvent, string property) =>
        logEvent.Properties.TryGetValue(property, out var value) && value is ScalarValue { Value: { } scalar } ? $"{scalar}" : "";
}

// What a ping found out, in words.

using System.Globalization;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Profiles;

namespace ActorChat.Node.Consoles;

/// <summary>A ping that was answered, for a person.</summary>
public static class PingReport
{
    /// <summary>One line: who is there, how many milliseconds it took, and what the keys were made with.</summary>
    /// <param name="recipient">Who was called.</param>
    /// <param name="peerName">The name that answered.</param>
    /// <param name="steps">The steps in order.</param>
    /// <param name="isPostQuantum">Whether ML-KEM-768 went into the keys.</param>
    /// <param name="showsSteps">Whether it says how long each step took.</param>
    public static string Of(Recipient recipient, string? peerName, IReadOnlyList<Step> steps, bool isPostQuantum, bool showsSteps)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        ArgumentNullException.ThrowIfNull(steps);
        var total = steps.Aggregate(TimeSpan.Zero, (sum, step) => sum + step.Took);
        var each = showsSteps ? $" ({string.Join(", ", steps.Select(step => $"{step.Name} {Milliseconds(step.Took)}"))})" : "";
        return $"{Printable.Line(peerName ?? recipient.Label)} at {recipient.Address} is there and has proved who it is, in {Milliseconds(total)} ms{each}; keys: {KnownProfiles.All.Named(recipient.Profile).KeysInWords(isPostQuantum)}";
    }

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture);
}

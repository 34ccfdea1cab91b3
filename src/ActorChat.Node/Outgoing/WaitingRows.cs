// What /waiting shows, and the line about waiting messages at the start and at the end. Pure.

using System.Globalization;

namespace ActorChat.Node.Outgoing;

/// <summary>Puts what waits into words.</summary>
internal static class WaitingRows
{
    private const int MaxNames = 5;
    private const int MaxText = 40;

    /// <summary>A row for each message: its number, for whom, since when, the next attempt, and how it begins.</summary>
    /// <param name="waiting">The messages.</param>
    /// <param name="now">The monotonic time.</param>
    /// <param name="today">The user's time.</param>
    public static string[][] Of(IReadOnlyList<Outbox.Away> waiting, TimeSpan now, DateTimeOffset today) =>
    [
        .. waiting.Select(away => new[]
        {
            away.Number.ToString(CultureInfo.InvariantCulture), away.Item.Recipient.Label, $"since {Since(away.Item.WrittenAt, today)}", NextAttempt(away.Line, now), Beginning(away.Item.Text),
        }),
    ];

    /// <summary>How many wait, and for whom: <c>3 messages wait: 2 for bob, 1 for carol</c>.</summary>
    /// <param name="waiting">At least one.</param>
    /// <param name="since">More about it, before the colon.</param>
    public static string InWords(IReadOnlyList<Outbox.Away> waiting, string since)
    {
        var recipients = waiting.CountBy(away => away.Item.Recipient.Label).ToArray();
        var named = string.Join(", ", recipients.Take(MaxNames).Select(recipient => $"{recipient.Value} for {Printable.Line(recipient.Key)}"));
        var others = recipients.Skip(MaxNames).Sum(recipient => recipient.Value);
        return $"{(waiting.Count == 1 ? "1 message waits" : $"{waiting.Count} messages wait")}{since}: {named}{(others > 0 ? $", {others} for others" : "")}";
    }

    private static string Since(DateTimeOffset writtenAt, DateTimeOffset today)
    {
        var local = writtenAt.ToOffset(today.Offset);
        return local.ToString(local.Date == today.Date ? "HH:mm" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
    }

    private static string NextAttempt(Outbox.Line line, TimeSpan now) => line.RestsUntil is not { } at ? "tried just now"
        : at <= now ? "next attempt soon"
        : $"next attempt in {InWords(at - now)}";

    private static string InWords(TimeSpan wait) => wait < TimeSpan.FromMinutes(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(wait.TotalSeconds):F0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{wait.TotalMinutes:F0} min");

    private static string Beginning(string text)
    {
        var line = text.Split('\n', 2)[0];
        return line.Length <= MaxText && line.Length == text.Length ? line : $"{new StringInfo(line).SubstringByTextElements(0, Math.Min(MaxText, new StringInfo(line).LengthInTextElements))}…";
    }
}

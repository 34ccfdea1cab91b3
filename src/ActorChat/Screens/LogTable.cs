// The secure log as a table for people. Rows are written one by one, so the columns have fixed widths and the text comes last.

using System.Globalization;
using ActorChat.Node;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Screens;

/// <summary>Writes log rows to standard output.</summary>
internal static class LogTable
{
    private const int PeerWidth = 16;
    private const int OutcomeWidth = 13;

    /// <summary>Writes the names of the columns.</summary>
    public static void WriteHead() => WriteRow("TIME", "  ", "CONTACT", "OUTCOME", "TEXT");

    /// <summary>Writes one row. Nothing in a peer's text can move the cursor.</summary>
    public static void Write(LogRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var record = row.Entry.Record;
        if (row.Entry.Damage is not null)
        {
            Console.Out.WriteLine($"!! {Printable.Line(record.Text)}");
            return;
        }

        WriteRow(
            record.Time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
            record.Direction switch { LogDirection.Received => "<-", LogDirection.Sent => "->", _ => "--" },
            Printable.Line(record.PeerName),
            row.Outcome?.InWords() ?? "",
            Printable.Line(record.Text) + (row.Reason.Length > 0 && row.Reason != record.Text ? $"   ({Printable.Line(row.Reason)})" : ""));
    }

    private static void WriteRow(string time, string direction, string peer, string outcome, string text) =>
        Console.Out.WriteLine($"{time,-19}  {direction}  {peer.PadRight(PeerWidth)}  {outcome.PadRight(OutcomeWidth)}  {text}".TrimEnd());
}

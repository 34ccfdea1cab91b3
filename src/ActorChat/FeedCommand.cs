// actorchat feed: the messages that came in after a cursor, from the secure log, even while no node runs. A program that keeps the cursor of the
// last message that it has handled misses nothing.

using System.CommandLine;
using System.Globalization;
using System.Text;
using ActorChat.Node;
using ActorChat.Node.Consoles;
using ActorChat.Screens;
using ActorChat.Storage.SecureLog;

namespace ActorChat;

/// <summary>The command that feeds programs.</summary>
internal static class FeedCommand
{
    private const int PageMessages = 1000;
    private const int PageLength = 1 << 20;

    /// <summary>Adds the command to the root.</summary>
    public static void AddTo(RootCommand root)
    {
        var from = new Option<long>("--from")
        {
            Description = "The cursor of the last message that you have handled, or 0; only what came in after it is given.",
            HelpName = "CURSOR",
            Required = true,
            CustomParser = result =>
            {
                var text = result.Tokens.Single().Value;
                if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var cursor) && cursor < long.MaxValue)
                {
                    return cursor;
                }

                result.AddError($"--from {text} is not a cursor: give that of a message, or 0.");
                return 0;
            },
        };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what comes in from now on, until Ctrl+C." };
        var json = new Option<bool>("--json") { Description = "Write events as run --json does, instead of cursor, contact and text with tabs between them." };
        root.Subcommands.Add(new LogCommand().Command(
            "feed", "Give every message that came in since a cursor, the oldest first, for programs.", [from, follow, json], async (arguments, folder, key, _) =>
            {
                using var reader = new LogReader(folder, key, arguments.GetValue(from) + 1);
                var feed = new LogFeed(reader, arguments.GetValue(from));
                using var output = StandardOutput.Open();
                using var watch = arguments.GetValue(follow) ? new LogWatch(folder) : null;
                var isDamaged = false;
                while (true)
                {
                    var page = feed.Next(PageMessages, PageLength);
                    foreach (var entry in page.Entries)
                    {
                        isDamaged |= entry.Damage is not null;
                        if (arguments.GetValue(json))
                        {
                            output.Write(JsonEvent.ToLine(EventOf(entry)));
                        }
                        else if (entry.Damage is null)
                        {
                            output.Write(LineOf(entry));
                        }
                        else
                        {
                            Console.Error.WriteLine($"actorchat: {Printable.Line(entry.Record.Text)}"); // on standard output it would look like a message
                        }
                    }

                    if (page.IsLast && watch is null)
                    {
                        return isDamaged ? 1 : 0;
                    }

                    if (page.IsLast)
                    {
                        await watch!.WaitAsync(CancellationToken.None);
                    }
                }
            }));
    }

    private static NodeEvent EventOf(LogEntry entry) =>
        entry.Damage is null ? NodeEvent.MessageArrived.Of(entry, TimeZoneInfo.Local) : new NodeEvent.Problem(entry.Record.Text);

    private static byte[] LineOf(LogEntry entry) =>
        Encoding.UTF8.GetBytes($"{entry.Number}\t{Printable.Line(entry.Record.PeerName)}\t{Printable.Line(entry.Record.Text)}\n");
}

// actorchat ping: the handshake alone. Is the contact there, is it who it should be, and how long did each step take?

using System.CommandLine;
using ActorChat.Node;
using ActorChat.Node.Consoles;
using ActorChat.Node.Control;
using Serilog;

namespace ActorChat;

/// <summary>The command that reaches a contact without sending anything.</summary>
internal static class PingCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "ping";

    /// <summary>Adds the command to the root.</summary>
    public static void AddTo(RootCommand root)
    {
        var command = new Command(Name, "Call a contact, authenticate both ways and hang up: nothing is sent, shown there or logged.");
        new ContactCommand().AddTo(command, RunAsync);
        root.Subcommands.Add(command);
    }

    private static async Task<int> RunAsync(ParseResult arguments, ContactCommand.Call call)
    {
        Log.Logger = Serilog.Core.Logger.None;
        var result = await OneShot.RunAsync(new OneShot.Request(call.Recipient, Text: null, call.StatePath, call.Passphrase, call.Timeout), call.Settings, call.Config);
        if (result is not OneShot.Result.Done { Outcome: Outcome.Delivered } done)
        {
            return ContactCommand.NotReached(call.Recipient.Label, ContactCommand.Reason((result as OneShot.Result.Done)?.Failure, call));
        }

        Console.WriteLine(PingReport.Of(call.Recipient, done.PeerName, done.Steps));
        return 0;
    }
}

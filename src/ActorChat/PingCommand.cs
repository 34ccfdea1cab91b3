// actorchat ping: the handshake alone. Is the contact there, and is it who it should be?

using System.CommandLine;
using ActorChat.Node;
using ActorChat.Node.Control;
using Serilog;

namespace ActorChat;

/// <summary>The command that reaches a contact without sending anything.</summary>
internal static class PingCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "ping";

    private static readonly Option<bool> Steps = new("--steps") { Description = "Say also how long each step of the handshake took." };

    /// <summary>Adds the command to the root.</summary>
    public static void AddTo(RootCommand root)
    {
        var command = new Command(Name, "Call a contact, authenticate both ways and hang up: nothing is sent, shown there or logged.");
        new ContactCommand(isMany: false).AddTo(command, RunAsync);
        command.Options.Add(Steps);
        root.Subcommands.Add(command);
    }

    private static async Task<int> RunAsync(ParseResult arguments, ContactCommand.Call call)
    {
        Log.Logger = Serilog.Core.Logger.None;
        var node = call.NodeFor(recipient => new OutboxActor.SendPing(recipient, ShowsSteps: arguments.GetValue(Steps)));
        var ended = (await OneShot.RunAsync(node, call.Timeout, call.Settings, call.Config)).Ping;
        if (ended is not { Failure: null })
        {
            Complaint.Say($"{call.Recipients[0].Label}: not reached: {call.InWords(ended?.Failure ?? new Failure(FailureKind.InternalError))}");
            return ContactCommand.ExitCode(Outcome.NotDelivered);
        }

        Console.WriteLine(ended.Words);
        return 0;
    }
}

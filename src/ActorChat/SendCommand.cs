// actorchat send: one message from a script. Where a node of the same name is running, it goes through that node, so that there is one
// writer of the log; where none is, this process is the node for as long as the message takes.

using System.CommandLine;
using System.Text;
using System.Text.Json;
using ActorChat.Node;
using Serilog;

namespace ActorChat;

/// <summary>The command that sends one message.</summary>
internal static class SendCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "send";

    // How long another process may have the state folder before it has its socket, or is done with its own message.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static readonly Argument<string?> Text = new("TEXT")
    {
        Description = "The message. Left out, it is all of standard input, without the line end at its end.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Adds the command to the root.</summary>
    public static void AddTo(RootCommand root)
    {
        var command = new Command(Name, "Send one message and wait for its outcome, quiet but for errors. It goes through the running node of the same name, where there is one.");
        command.Arguments.Add(Text);
        new ContactCommand().AddTo(command, RunAsync);
        root.Subcommands.Add(command);
    }

    private static async Task<int> RunAsync(ParseResult arguments, ContactCommand.Call call)
    {
        var text = TextOf(arguments, call) ?? await ReadInputAsync();
        if (text.Length == 0)
        {
            return ContactCommand.Fail(ContactCommand.WrongUse, "there is nothing to send; give the text as an argument or on standard input");
        }

        Log.Logger = Serilog.Core.Logger.None;
        using var patience = new CancellationTokenSource(call.Timeout);
        while (true)
        {
            if (await ControlClient.TryConnectAsync(call.StatePath) is { } node)
            {
                await using (node)
                {
                    return await SubmitAsync(node, call, text, patience.Token);
                }
            }

            switch (await OneShot.RunAsync(new OneShot.Request(call.Recipient, text, call.StatePath, call.Passphrase, call.Timeout), call.Settings, call.Config))
            {
                case OneShot.Result.Done done:
                    return ContactCommand.Report(done.Outcome, call.Recipient.Label, ContactCommand.Reason(done.Failure, call));
                case OneShot.Result.InUse when !patience.IsCancellationRequested:
                    await Task.Delay(Pause);
                    break;
                case OneShot.Result.InUse inUse:
                    return ContactCommand.Fail(ContactCommand.WrongUse, inUse.Reason);
                case OneShot.Result.CannotStart failed:
                    return ContactCommand.Fail(ContactCommand.WrongUse, failed.Reason);
            }
        }
    }

    // With --to, the only argument is the text.
    private static string? TextOf(ParseResult arguments, ContactCommand.Call call) =>
        arguments.GetValue(Text) ?? (call.Recipient.ContactName is null ? arguments.GetValue<string?>("NAME") : null);

    private static async Task<string> ReadInputAsync()
    {
        using var reader = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        var text = await reader.ReadToEndAsync();
        return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
    }

    private static async Task<int> SubmitAsync(Stream node, ContactCommand.Call call, string text, CancellationToken patience)
    {
        object to = call.Recipient.ContactName is { } name ? name : new { address = call.Recipient.Address, password = call.Recipient.TypedPassword };
        try
        {
            return await ControlClient.SubmitAsync(node, JsonSerializer.Serialize(new { to, text }), patience) switch
            {
                null => ContactCommand.Report(Outcome.Unknown, call.Recipient.Label, "the running node ended; its log says what became of it"),
                { } answer when answer.GetProperty("event").GetString() == "sent" => ContactCommand.Report(
                    ContactCommand.OutcomeOf(answer.GetProperty("outcome").GetString()!), call.Recipient.Label, answer.GetProperty("reason").GetString()),
                { } answer => ContactCommand.Fail(ContactCommand.WrongUse, answer.GetProperty("message").GetString()!),
            };
        }
        catch (OperationCanceledException)
        {
            return ContactCommand.Report(
                Outcome.Unknown, call.Recipient.Label, $"no outcome within {call.Timeout.TotalSeconds:0.###} seconds (--timeout); the running node goes on with it");
        }
    }
}

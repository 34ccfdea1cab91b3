// The executable's entry: the command line and nothing else.

using System.CommandLine;
using System.Globalization;
using System.Text;
using ActorChat;
using ActorChat.Node.Consoles;
using ActorChat.Screens;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

var parsed = CommandTree.Parse(CommandTree.Create(), args);
if (parsed.Errors.Count > 0 && args.Contains(RunCommand.Json))
{
    // A program that reads our standard output takes its mistake as an event, not as a page of help.
    new JsonConsole().Show(new NodeEvent.Problem(string.Join(" ", parsed.Errors.Select(error => error.Message))));
    return 1;
}

if (parsed.Errors.Count > 0 && parsed.CommandResult.Command.Name is SendCommand.Name or PingCommand.Name)
{
    return ContactCommand.Fail(ContactCommand.WrongUse, $"{parsed.Errors[0].Message} See: actorchat {parsed.CommandResult.Command.Name} --help");
}

// The node itself takes Ctrl+C and SIGTERM, so that running conversations can finish.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

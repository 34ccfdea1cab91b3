// The executable's entry: the command line and nothing else.

using System.CommandLine;
using System.Globalization;
using System.Text;
using ActorChat;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

var root = new RootCommand("A secure peer-to-peer chat node: a private line between known machines, without anybody's server.");
RunCommand.AddTo(root);
DirectoryCommand.AddTo(root);

// The node itself takes Ctrl+C and SIGTERM, so that running conversations can finish.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

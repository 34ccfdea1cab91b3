// The executable's entry: the command line and nothing else.

using System.Globalization;
using System.Text;
using ActorChat;
using ActorChat.Node.Hardening;

PassphraseVariable.Hide(); // before anything copies the environment
ProcessShield.Raise();

// What comes over a socket goes to its actor directly from the thread that waits for all sockets, not by way of the thread pool: a third fewer context
// switches for a delivery (bench/ActorChat.Delivery). One such thread passes on all that two cores can handle; .NET would start one for each core.
// .NET reads both settings before the first socket is made, and has no call for them.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return await CommandTree.RunAsync(args);

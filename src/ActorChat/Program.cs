// The executable's entry: the command line and nothing else.

using System.Globalization;
using System.Text;
using ActorChat;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return await CommandTree.RunAsync(args);

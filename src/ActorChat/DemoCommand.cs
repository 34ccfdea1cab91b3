// actorchat demo: what a newcomer runs first. Two real nodes in one process, with files in a temporary folder, hold a short conversation
// over 127.0.0.1, and each PDU is shown with what it was for.

using System.CommandLine;
using ActorChat.Demo;
using ActorChat.Node;
using ActorChat.Node.Consoles;
using ActorChat.Protocol.Pdus;
using ActorChat.Screens;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;
using Serilog;

namespace ActorChat;

/// <summary>The command that shows a conversation.</summary>
internal sealed class DemoCommand : IDisposable
{
    private const string Alice = "alice";
    private const string Bob = "bob";
    private const int PurposeColumn = 33;

    // Step 5 and 7 of the protocol page travel together, so what a PDU is for follows from its sender and its type, except for acks.
    private static readonly Dictionary<(bool IsFromResponder, MsgType Type), string> Purposes = new()
    {
        [(false, MsgType.Dh1)] = "alice's name and a fresh public value. The password shaped it, and still tells nothing about itself.",
        [(true, MsgType.Dh2)] = "bob's name and his public value. Now both can compute the same keys, if they know the same password.",
        [(false, MsgType.Hello)] = "the first sealed PDU: numbered, and under an HMAC that only those keys can make.",
        [(true, MsgType.Chall)] = "32 random bytes for alice to answer.",
        [(false, MsgType.Resp)] = "alice's answer, made with a secret from the keys: she is alice, here and now.",
        [(false, MsgType.Chall)] = "32 random bytes for bob, sent along to save a round trip.",
        [(true, MsgType.Resp)] = "bob's answer: he is bob.",
        [(false, MsgType.Ack)] = "alice accepts bob.",
        [(false, MsgType.Text)] = "the message, under AES-256-CBC and HMAC-SHA256.",
    };

    private readonly Ink _ink = new(TerminalOutput.ObeysEscapeSequences && Ink.IsWanted);
    private readonly int _columns = TerminalOutput.Columns(Console.IsOutputRedirected);
    private readonly Lock _lock = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("actorchat-demo");
    private readonly Passphrase _passphrase = Passphrase.Of(PassphraseGenerator.Generate());
    private readonly HashSet<string> _explained = [];
    private int _acksOfBob;

    /// <summary>Adds the command to the root.</summary>
    public static void AddTo(RootCommand root)
    {
        var command = new Command("demo", "Show a conversation: two nodes in this process, step by step, with what each PDU was for. Leaves nothing behind.");
        command.SetAction(async (_, _) =>
        {
            using var demo = new DemoCommand();
            return await demo.RunAsync();
        });
        root.Subcommands.Add(command);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _passphrase.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<int> RunAsync()
    {
        Log.Logger = Serilog.Core.Logger.None;
        var password = PassphraseGenerator.Generate();
        Say($"Two nodes in this process. They share a password of {PassphraseGenerator.WordCount} random words, which never goes over the wire.");
        var (bob, bobs) = Start(Bob, new Contact(Alice, password, "127.0.0.1", 1, Contact.DefaultProfile, As: null));
        var bobsPort = (await bobs.WaitForAsync<NodeEvent.Listening>()).Port;
        using var wire = new DemoWire(bobsPort, Show);
        wire.Start();
        var (alice, alices) = Start(Alice, new Contact(Bob, password, "127.0.0.1", wire.Port, Contact.DefaultProfile, As: null));
        await alices.WaitForAsync<NodeEvent.Listening>();
        Say($"bob listens on port {bobsPort}; alice reaches him through somebody who watches the line:");

        foreach (var text in new[] { "Hello Bob, is this line private?", "Everything again, with new keys." })
        {
            _acksOfBob = 0;
            Console.Out.WriteLine();
            Say("alice types  ", $"@bob {text}");
            alices.Type($"@bob {text}");
            var arrived = await bobs.WaitForAsync<NodeEvent.MessageArrived>();
            var sent = await alices.WaitForAsync<NodeEvent.MessageSent>();
            Say("bob reads    ", $"{arrived.From}: {arrived.Text}");
            Say("alice reads  ", sent.Outcome == Outcome.Delivered ? "✓ bob: delivered" : $"✗ bob: {sent.Failure?.InWords()}");
        }

        alices.EndInput();
        bobs.EndInput();
        await Task.WhenAll(alice.WaitAsync(), bob.WaitAsync());
        Console.Out.WriteLine();
        return Verify(Alice) & Verify(Bob) ? 0 : 1;
    }

    private (ChatNode Node, DemoConsole Console) Start(string name, Contact contact)
    {
        var directory = Path.Combine(_folder.FullName, $"{name}.json");
        DirectoryFile.Write(directory, DirectoryWriter.Add("[]"u8, contact, out _)!, passphrase: null);
        var console = new DemoConsole();
        var config = NodeSettings.LoadConfig("actorchat.listen.address = \"127.0.0.1\"");
        var options = new NodeOptions(0, directory, name, StatePath(name), _passphrase.Copy(), IsProgram: false) { VerificationKeyPath = KeyPath(name) };
        return (ChatNode.Start(options, NodeSettings.Read(config), config, console), console);
    }

    private string StatePath(string name) => Path.Combine(_folder.FullName, name);

    private string KeyPath(string name) => Path.Combine(_folder.FullName, $"{name}.verification");

    // Called from the relay's two directions.
    private void Show(bool isFromResponder, MsgType type, int size)
    {
        lock (_lock)
        {
            var arrow = isFromResponder ? "bob → alice" : "alice → bob";
            var purpose = Purposes.GetValueOrDefault((isFromResponder, type))
                ?? (++_acksOfBob == 1 ? "bob accepts alice." : "the receipt: the message is in bob's log, on disk, and in his inbox.");
            var rows = _explained.Add(purpose) ? Wrapping.Wrap(purpose, _columns, head: PurposeColumn, indent: Math.Min(PurposeColumn, _columns / 2)) : [];
            Console.Out.WriteLine(_ink.Dim($"  {arrow}  ") + _ink.Bold($"{type.Word(),-6}") + _ink.Dim($"{size,4} bytes  ") + string.Join(Environment.NewLine, rows));
        }
    }

    private bool Verify(string name)
    {
        var folder = new LogFolder(StatePath(name));
        using var key = LogKey.Open(folder, _passphrase);
        using var verificationKey = VerificationKey.Parse(File.ReadAllText(KeyPath(name)));
        var report = LogVerifier.Verify(folder, key, verificationKey);
        Say($"{name}'s log: {report.Count} records, {(report.IsIntact ? "every one whole, in its place and unaltered" : "damaged: " + report.Findings[0])}.");
        return report.IsIntact;
    }

    private void Say(string line)
    {
        foreach (var row in Wrapping.Wrap(line, _columns, head: 0, indent: 0))
        {
            Console.Out.WriteLine(row);
        }
    }

    private void Say(string who, string words) => Console.Out.WriteLine(_ink.Dim(who) + _ink.Bold(words));
}

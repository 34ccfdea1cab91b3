// What a peer can learn from the time that answers take: whether a name is known, and what was wrong with a sealed PDU. It calls a node over
// loopback many times. What is compared is measured in turns, in an order that changes each round, so that both meet the same noise.
//
//   1  from dh_1 sent to dh_2 received, for a contact's name, a name that nobody has, and a new such name each time;
//      1m in modern and 1c in classic, with a contact each
//   2  from a text sent to its nack, by what is wrong with it:
//      a  the HMAC is wrong, and the padding beneath would have been right or not. This is all that somebody without the keys can vary;
//         it is the question of a padding oracle
//      b  the HMAC is right and the padding wrong, which only the contact with the right keys can send; against (a)
//      c  the HMAC and the padding are right and the plaintext is no JSON, or an object without a message in it; against (b)
//   3  SealedChannel.Verify alone, for an HMAC that differs in its first byte or in its last

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ActorChat.Node.Consoles;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using Akka.Actor;

namespace ActorChat.Node.Benchmarks;

internal static class TimingMeasurement
{
    private const string Contact = "alice";
    private const string ClassicContact = "clara";
    private const string Stranger = "mella";
    private const string Password = "a password for the measurement";

    // The limits must not slow the measurement down; they treat known and unknown names alike.
    private const string Settings = """
        actorchat.listen {
          address = "127.0.0.1"
          max-unauthenticated-per-address = 256
          max-connections-per-address = 256
          handshake-burst = 1000000
          handshake-burst-per-address = 1000000
        }
        actorchat.guesses.free = 1000000
        """;

    public static async Task<int> RunAsync(int rounds)
    {
        Console.WriteLine($"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores, .NET {Environment.Version}, {DateTime.UtcNow:yyyy-MM-dd}, {rounds} rounds");
        Console.WriteLine($"  {"",-48} {"median µs",9}   {"95 % interval",21}");
        var folder = Directory.CreateTempSubdirectory("actorchat-timing");
        try
        {
            var directory = Path.Combine(folder.FullName, "directory.json");
            await File.WriteAllTextAsync(directory, $"[{Entry(Contact, "modern")}, {Entry(ClassicContact, "classic")}]");
            var config = NodeSettings.LoadConfig(Settings);
            var console = new SilentConsole();
            var node = ChatNode.Start(
                new NodeOptions(0, directory, "bob", Path.Combine(folder.FullName, "state"), Passphrase: null, IsProgram: true), NodeSettings.Read(config), config, console);
            var port = await console.Port;
            using var secret = UserSecret.Derive(Password, Contact);
            MeasureNames("1m", ModernProfile.Instance, Contact, port, secret, 5 * rounds); // the key agreement's time varies most, and it is soon measured
            MeasureNames("1c", ClassicProfile.Instance, ClassicContact, port, secret, 2 * rounds);
            MeasureRefusals(port, secret, rounds);
            MeasureVerify(secret, rounds);
            node.Stop();
            return await node.WaitAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Entry(string name, string profile) =>
        $"{{\"username\": \"{name}\", \"password\": \"{Password}\", \"ip\": \"127.0.0.1\", \"port\": 1, \"profile\": \"{profile}\"}}";

    private static void MeasureNames(string what, IProfile profile, string contact, int port, UserSecret secret, int rounds)
    {
        Sample[] samples = [new($"{what} a contact's name"), new($"{what} a name that nobody has"), new($"{what} a new such name each time")];
        Repeat(samples, rounds, which =>
        {
            var name = which switch { 0 => contact, 1 => Stranger, _ => RandomNumberGenerator.GetString("abcdefghijklm", contact.Length) };
            using var peer = new TimedPeer(port, profile.Format);
            using var initiation = profile.Initiate(secret, name, TimedPeer.Now, SystemRandomSource.Instance);
            return peer.Exchange(initiation.Dh1, out _);
        });
        Print(samples, (0, 1), (0, 2));
    }

    private static void MeasureRefusals(int port, UserSecret secret, int rounds)
    {
        var noJson = Blocks(new string('x', 200));
        var noMessage = Blocks("{\"x\": \"" + new string('x', 191) + "\"}");
        var wronglyPadded = Blocks(new string('x', 200));
        wronglyPadded[^1] = 0;
        (string Name, byte[] Blocks, bool RightHmac)[] texts =
        [
            ("2a wrong HMAC, padding right", noJson, false),
            ("2a wrong HMAC, padding wrong", wronglyPadded, false),
            ("2b right HMAC, padding wrong", wronglyPadded, true),
            ("2c right HMAC and padding, no JSON", noJson, true),
            ("2c right HMAC and padding, no message in it", noMessage, true),
        ];
        Sample[] samples = [.. texts.Select(text => new Sample(text.Name))];
        Repeat(samples, rounds, which =>
        {
            using var peer = new TimedPeer(port);
            peer.Authenticate(secret, Contact);
            var time = peer.Exchange(peer.Text(texts[which].Blocks, texts[which].RightHmac), out var answer);
            return answer.Type == MsgType.Nack ? time : throw new InvalidDataException("The node took a wrong text.");
        });
        Print(samples, (0, 1), (0, 2), (2, 3), (2, 4));

        // 200 bytes and the padding that belongs to them.
        static byte[] Blocks(string text) => [.. Encoding.ASCII.GetBytes(text), .. Enumerable.Repeat((byte)8, 8)];
    }

    private static void MeasureVerify(UserSecret secret, int rounds)
    {
        const int Batch = 100;
        Sample[] samples = [new("3  Verify: the first byte of the HMAC differs"), new("3  Verify: the last byte differs"), new("3  Verify: it is right")];
        Repeat(samples, rounds, which =>
        {
            using var sender = Channel(secret, "initiator", "responder");
            using var receiver = Channel(secret, "responder", "initiator");
            var pdus = new Pdu[Batch];
            for (var i = 0; i < Batch; i++)
            {
                PduReader.Read(sender.Seal(MsgType.Text, new byte[200], 1), PduFormat.Modern, out var pdu);
                pdus[i] = pdu!;
                if (which < 2)
                {
                    Unsafe.AsRef(in pdu!.HmacValue[which == 0 ? 0 : 31]) ^= 1;
                }
            }

            var right = 0;
            var start = Stopwatch.GetTimestamp();
            foreach (var pdu in pdus)
            {
                right += receiver.Verify(pdu) ? 1 : 0;
            }

            var time = Stopwatch.GetElapsedTime(start) / Batch;
            return right == (which == 2 ? Batch : 0) ? time : throw new InvalidDataException("Verify is wrong.");
        });
        Print(samples, (0, 1), (0, 2));
    }

    private static SealedChannel Channel(UserSecret secret, string sending, string receiving) => new(
        PduFormat.Modern, KeyChain.Derive(secret, [], Encoding.ASCII.GetBytes(sending)), KeyChain.Derive(secret, [], Encoding.ASCII.GetBytes(receiving)));

    private static void Repeat(Sample[] samples, int rounds, Func<int, TimeSpan> run)
    {
        var order = Enumerable.Range(0, samples.Length).ToArray();
        for (var round = -(rounds / 10) - 1; round < rounds; round++)
        {
            Random.Shared.Shuffle(order);
            foreach (var which in order)
            {
                var time = run(which);
                if (round >= 0) // before that the code was warming up
                {
                    samples[which].Add(time);
                }
            }
        }
    }

    private static void Print(Sample[] samples, params (int One, int Other)[] pairs)
    {
        Console.WriteLine();
        Array.ForEach(samples, Console.WriteLine);
        Array.ForEach(pairs, pair => Console.WriteLine(Sample.Compare(samples[pair.One], samples[pair.Other])));
    }

    // Shows nothing and types nothing; it only learns the node's port.
    private sealed class SilentConsole : IConsole
    {
        private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<int> Port => _port.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public void Show(NodeEvent nodeEvent)
        {
            if (nodeEvent is NodeEvent.Listening listening)
            {
                _port.SetResult(listening.Port);
            }
        }

        public void Ask(Prompt prompt, IActorRef replyTo)
        {
        }
    }
}

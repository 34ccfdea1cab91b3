// Measures the pure half: what a whole conversation and each of its steps cost, in time and in managed memory.
//
//   dotnet run -c Release --project bench/ActorChat.Protocol.Benchmarks
//
// A few seconds on one core. The whole conversation is both sides together, so each node pays about half.

using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ActorChat.Protocol.Benchmarks;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;

const double Now = 1700000000.25;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Console.WriteLine($"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores, .NET {Environment.Version}; {DateTime.UtcNow:yyyy-MM-dd}");

var secretBytes = SHA256.HashData("a secret"u8);
using var secret = new UserSecret(secretBytes);
var conversation = new Conversation(ModernProfile.Instance, secret, new string('x', 100));
Measure.Print("a whole conversation, both sides, text of 100 bytes", 20, conversation.Hold);
var hybrid = new Conversation(ModernProfile.Instance, secret, new string('x', 100), new AgreementOptions(PostQuantum: PostQuantum.On));
Measure.Print("the same with ML-KEM-768", 20, hybrid.Hold);
var classic = new Conversation(ClassicProfile.Instance, secret, new string('x', 100));
Measure.Print("the same in classic", 20, classic.Hold);

var scalar = SHA256.HashData("a scalar"u8);
var generator = new byte[CPace.ElementSize];
var product = new byte[CPace.ElementSize];
CPace.CalculateGenerator(secretBytes, CPace.Label, [], generator);
Measure.Print("CPace's generator", 100, () => CPace.CalculateGenerator(secretBytes, CPace.Label, [], generator));
Measure.Print($"a power in group 14, {(LibCrypto.IsHere ? "libcrypto" : "managed")}", 20, () => ModpGroup14.PublicValue(scalar));
Measure.Print("a power in group 14, managed", 5, () => ModpGroup14.PowerInManagedCode(secretBytes, scalar, new byte[256]));
Measure.Print("X25519", 100, () => CPace.ScalarMultiply(scalar, generator, product));
Measure.Print("one direction's key chain", 200, () => KeyChain.Derive(secret, new byte[64], "initiator"u8).Dispose());

var (sending, receiving) = (Chain("initiator"), Chain("responder"));
var sender = new SealedChannel(PduFormat.Modern, sending, receiving);
var text = new TextMessage(Guid.NewGuid(), new string('x', 100)).ToPlaintext(1000)!;
Measure.Print("seal a hello", 200, () => sender.Seal(MsgType.Hello, [], Now));
Measure.Print("seal a text of 100 bytes", 200, () => sender.Seal(MsgType.Text, text, Now));

var hello = new SealedChannel(PduFormat.Modern, sending, receiving).Seal(MsgType.Hello, [], Now);
var sealedText = new SealedChannel(PduFormat.Modern, sending, receiving).Seal(MsgType.Text, text, Now);
Measure.Print("read a hello, structure and CRC", 200, () => PduReader.Read(hello, PduFormat.Modern, out _));
var receiver = new SealedChannel(PduFormat.Modern, receiving, sending);
PduReader.Read(sealedText, PduFormat.Modern, out var pdu);
Measure.Print("verify a text's HMAC", 200, () => receiver.Verify(pdu!));
Measure.Print("open a text", 200, () => receiver.Open(pdu!));

Measure.Print("a framer that nothing came to", 200, () => GC.KeepAlive(new PduFramer(16_384)));

KeyChain Chain(string direction) => KeyChain.Derive(secret, new byte[64], Encoding.ASCII.GetBytes(direction));

// One connection to a node over loopback, played by hand: it sends, waits for the answer and says how long that took.

using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;

namespace ActorChat.Node.Benchmarks;

internal sealed class TimedPeer : IDisposable
{
    private readonly PduFormat _format;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly PduFramer _framer = new(1 << 20);
    private readonly byte[] _buffer = new byte[16_384];
    private SessionKeys? _keys;
    private SealedChannel? _channel;
    private ulong _number; // of the next secured PDU

    public TimedPeer(int port, PduFormat? format = null)
    {
        _format = format ?? PduFormat.Modern;
        _socket.Connect(IPAddress.Loopback, port);
    }

    public static double Now => Timestamp.Now(TimeProvider.System);

    /// <summary>Sends a PDU and waits for one.</summary>
    public TimeSpan Exchange(ReadOnlySpan<byte> pdu, out Pdu answer)
    {
        var start = Stopwatch.GetTimestamp();
        _socket.Send(pdu);
        var frame = Receive();
        var time = Stopwatch.GetElapsedTime(start);
        answer = PduReader.Read(frame, _format, out var read) == Verdict.Accept ? read! : throw new InvalidDataException("The node said something that is no PDU.");
        return time;
    }

    /// <summary>Plays the initiator up to step 9, with the right password.</summary>
    public void Authenticate(UserSecret secret, string name)
    {
        using var initiation = ModernProfile.Instance.Initiate(secret, name, Now, SystemRandomSource.Instance);
        Exchange(initiation.Dh1, out var dh2);
        _keys = initiation.Complete(dh2)!.Keys;
        _channel = new SealedChannel(PduFormat.Modern, _keys.Initiator, _keys.Responder);
        Exchange(Seal(MsgType.Hello), out var chall);
        Exchange(Seal(MsgType.Resp, _channel.Respond(Open(chall))), out var ack);
        Open(ack);
        Exchange(Seal(MsgType.Chall, RandomNumberGenerator.GetBytes(SealedChannel.ChallengeSize)), out var resp);
        Open(resp);
        _socket.Send(Seal(MsgType.Ack));
    }

    /// <summary>A text whose HMAC is right or not, around these blocks, whose padding is what it is.</summary>
    public byte[] Text(byte[] blocks, bool rightHmac)
    {
        var keys = _keys!.Initiator;
        var number = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(number, _number);
        using var aes = Aes.Create();
        aes.SetKey(keys.EncKey);
        var ciphertext = aes.EncryptCbc(blocks, HMACSHA256.HashData(keys.Iv, number).AsSpan(0, KeyChain.IvSize), PaddingMode.None);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, rightHmac ? keys.HmacKey : keys.ChapSecret);
        hmac.AppendData(number);
        return PduWriter.WriteSecured(PduFormat.Modern, MsgType.Text, Now, ciphertext, hmac);
    }

    public void Dispose()
    {
        _channel?.Dispose();
        _socket.Dispose();
    }

    private byte[] Seal(MsgType type, ReadOnlySpan<byte> plaintext = default)
    {
        _number++;
        return _channel!.Seal(type, plaintext, Now);
    }

    private byte[] Open(Pdu pdu) => _channel!.Verify(pdu) ? _channel.Open(pdu) ?? [] : throw new InvalidDataException("The node's PDU does not verify.");

    private ReadOnlyMemory<byte> Receive()
    {
        ReadOnlyMemory<byte> frame;
        while (_framer.Read(out frame) != Framing.Complete)
        {
            var received = _socket.Receive(_buffer);
            if (received == 0)
            {
                throw new InvalidDataException("The node closed where it should have answered.");
            }

            _framer.Append(_buffer.AsSpan(0, received));
        }

        return frame.ToArray();
    }
}

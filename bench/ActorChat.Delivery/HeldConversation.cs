// A connection that is opened and then held: by a stranger who says nothing, or by a contact who goes as far as step 9 (protocol page,
// section 3) and then keeps the text back. The contact is made of the protocol's own code, one PDU after another, without actors.

using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;

namespace ActorChat.Delivery;

/// <summary>The calling end of a connection.</summary>
internal sealed class HeldConversation : IDisposable
{
    private static readonly ModernProfile Profile = ModernProfile.Instance;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly PduFramer _framer = new(16 << 10);
    private readonly byte[] _buffer = new byte[4096];
    private SealedChannel? _channel;

    private HeldConversation()
    {
    }

    private static double Now => (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;

    /// <summary>Whether the other side has kept the connection open and sent nothing more.</summary>
    public bool IsOpen => !_socket.Poll(0, SelectMode.SelectRead);

    /// <summary>Connects and says nothing.</summary>
    public static async Task<HeldConversation> ConnectAsync(int port)
    {
        var conversation = new HeldConversation();
        try
        {
            await conversation._socket.ConnectAsync(IPAddress.Loopback, port);
            return conversation;
        }
        catch
        {
            conversation.Dispose();
            throw;
        }
    }

    /// <summary>Connects and goes as far as step 9.</summary>
    /// <param name="port">Where the node listens.</param>
    /// <param name="secret">What Argon2id made of our password.</param>
    /// <param name="name">Our name.</param>
    public static async Task<HeldConversation> AuthenticateAsync(int port, UserSecret secret, string name)
    {
        var conversation = await ConnectAsync(port);
        try
        {
            await conversation.AuthenticateAsync(secret, name);
            return conversation;
        }
        catch
        {
            conversation.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _channel?.Dispose();
        _socket.Dispose();
    }

    private async Task AuthenticateAsync(UserSecret secret, string name)
    {
        using var initiation = Profile.Initiate(secret, name, Now, new SystemRandom());
        await SendAsync(initiation.Dh1.ToArray());
        var agreement = initiation.Complete(await ReadAsync(MsgType.Dh2)) ?? throw new BenchException("the node's dh_2 is refused");
        _channel = new SealedChannel(Profile.Format, agreement.Keys.Initiator, agreement.Keys.Responder);
        await SendAsync(_channel.Seal(MsgType.Hello, [], Now));
        var answer = _channel.Respond(await OpenAsync(MsgType.Chall));
        var challenge = RandomNumberGenerator.GetBytes(SealedChannel.ChallengeSize);
        await SendAsync([.. _channel.Seal(MsgType.Resp, answer, Now), (byte)'\n', .. _channel.Seal(MsgType.Chall, challenge, Now)]);
        await OpenAsync(MsgType.Ack);
        var response = await OpenAsync(MsgType.Resp);
        if (!_channel.VerifyResponse(challenge, response))
        {
            throw new BenchException("the node's answer to the challenge is wrong");
        }

        await SendAsync(_channel.Seal(MsgType.Ack, [], Now));
    }

    private async Task SendAsync(byte[] pdu) => await _socket.SendAsync((byte[])[.. pdu, (byte)'\n']);

    private async Task<byte[]> OpenAsync(MsgType type)
    {
        var pdu = await ReadAsync(type);
        return _channel!.Verify(pdu) ? _channel.Open(pdu) ?? [] : throw new BenchException($"the node's {type} does not verify");
    }

    private async Task<Pdu> ReadAsync(MsgType type)
    {
        ReadOnlyMemory<byte> bytes;
        while (_framer.Read(out bytes) != Framing.Complete)
        {
            var read = await _socket.ReceiveAsync(_buffer);
            _framer.Append(read > 0 ? _buffer.AsSpan(0, read) : throw new BenchException($"the node closed a conversation that waits for {type}"));
        }

        var verdict = PduReader.Read(bytes, Profile.Format, out var pdu);
        return verdict == Verdict.Accept && pdu!.Type == type ? pdu : throw new BenchException($"the node sent {pdu?.Type} ({verdict}) and not {type}");
    }

    private sealed class SystemRandom : IRandomSource
    {
        public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
    }
}

// A contact of a node, played by the test itself with the product's own protocol library: so the test knows every key of the conversation.

using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>One side of one conversation, with its keys.</summary>
internal sealed class KnownPeer : IDisposable
{
    private readonly StreamReader _reader;
    private readonly Stream _stream;
    private SealedChannel? _channel;

    private KnownPeer(Stream stream)
    {
        _stream = stream;
        _reader = new StreamReader(stream);
    }

    /// <summary>What must be in nobody's memory when the conversation has ended, with a name for each.</summary>
    public List<(string Name, byte[] Bytes)> Keys { get; } = [];

    /// <summary>Calls a node and sends it a text.</summary>
    /// <returns>The peer, behind the receipt.</returns>
    public static async Task<KnownPeer> CallAsync(int port, string ownName, string password, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port).WaitAsync(NodeProcess.Patience);
        using var peer = new KnownPeer(client.GetStream());
        using var secret = ModernProfile.Instance.DeriveUserSecret(password, ownName);
        using var initiation = ModernProfile.Instance.Initiate(secret, ownName, Now(), new Random(), new AgreementOptions { PostQuantum = PostQuantum.On });
        await peer._stream.WriteAsync(initiation.Dh1);
        var agreement = initiation.Complete(await peer.HearAsync(MsgType.Dh2)) ?? throw new InvalidOperationException("no keys were agreed");
        peer.Take(agreement.Keys.Initiator, agreement.Keys.Responder);
        await peer.SayAsync(MsgType.Hello, []);
        await peer.SayAsync(MsgType.Resp, peer._channel!.Respond(await peer.OpenAsync(MsgType.Chall)));
        await peer.OpenAsync(MsgType.Ack);
        await peer.SayAsync(MsgType.Chall, RandomNumberGenerator.GetBytes(SealedChannel.ChallengeSize));
        await peer.OpenAsync(MsgType.Resp);
        await peer.SayAsync(MsgType.Ack, []);
        await peer.SayAsync(MsgType.Text, ModernProfile.Instance.WriteText(new TextMessage(Guid.NewGuid(), text), maxSize: 4096)!);
        await peer.OpenAsync(MsgType.Ack);
        client.Client.Shutdown(SocketShutdown.Send);
        await peer._reader.ReadToEndAsync().WaitAsync(NodeProcess.Patience);
        return peer;
    }

    /// <summary>Waits for a node's call and takes its text.</summary>
    /// <returns>The peer, behind its receipt.</returns>
    public static async Task<KnownPeer> AnswerAsync(TcpListener listener, string ownName, string caller, string password)
    {
        using var client = await listener.AcceptTcpClientAsync().WaitAsync(NodeProcess.Patience);
        using var peer = new KnownPeer(client.GetStream());
        using var secret = ModernProfile.Instance.DeriveUserSecret(password, caller);
        var agreement = ModernProfile.Instance.Respond(
            secret, ModernProfile.Instance.ReadOffer(await peer.HearAsync(MsgType.Dh1))!, ownName, Now(), new Random(), new AgreementOptions { PostQuantum = PostQuantum.On })!;
        await peer._stream.WriteAsync(agreement.Dh2);
        peer.Take(agreement.Keys.Responder, agreement.Keys.Initiator);
        await peer.OpenAsync(MsgType.Hello);
        await peer.SayAsync(MsgType.Chall, RandomNumberGenerator.GetBytes(SealedChannel.ChallengeSize));
        await peer.OpenAsync(MsgType.Resp);
        var challenge = await peer.OpenAsync(MsgType.Chall);
        await peer.SayAsync(MsgType.Ack, []);
        await peer.SayAsync(MsgType.Resp, peer._channel!.Respond(challenge));
        await peer.OpenAsync(MsgType.Ack);
        await peer.OpenAsync(MsgType.Text);
        await peer.SayAsync(MsgType.Ack, []);
        await peer._reader.ReadToEndAsync().WaitAsync(NodeProcess.Patience);
        return peer;
    }

    public void Dispose()
    {
        _channel?.Dispose();
        _reader.Dispose();
    }

    private static double Now() => Timestamp.Now(TimeProvider.System);

    private void Take(KeyChain sending, KeyChain receiving)
    {
        foreach (var (name, chain) in new[] { ("what the test sends", sending), ("what the node sends", receiving) })
        {
            Keys.AddRange(
                ($"enc_key of {name}", chain.EncKey.ToArray()), ($"iv key of {name}", chain.Iv.ToArray()),
                ($"hmac_key of {name}", chain.HmacKey.ToArray()), ($"chap_secret of {name}", chain.ChapSecret.ToArray()));
        }

        _channel = new SealedChannel(PduFormat.Modern, sending, receiving);
    }

    private Task SayAsync(MsgType type, byte[] plaintext) => _stream.WriteAsync(_channel!.Seal(type, plaintext, Now())).AsTask();

    private async Task<byte[]> OpenAsync(MsgType type)
    {
        var pdu = await HearAsync(type);
        Assert.True(_channel!.Verify(pdu));
        return _channel.Open(pdu) ?? [];
    }

    private async Task<Pdu> HearAsync(MsgType type)
    {
        var line = await _reader.ReadLineAsync().WaitAsync(NodeProcess.Patience) ?? throw new InvalidOperationException($"the node closed before its {type}");
        Assert.Equal(Verdict.Accept, PduReader.Read(System.Text.Encoding.UTF8.GetBytes(line), PduFormat.Modern, out var pdu));
        Assert.Equal(type, pdu!.Type);
        return pdu;
    }

    private sealed class Random : IRandomSource
    {
        public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
    }
}

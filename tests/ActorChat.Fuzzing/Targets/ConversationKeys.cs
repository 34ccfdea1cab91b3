// The keys of the conversation in the vector, and channels at any place of it.

using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Fuzzing.Targets;

internal sealed class ConversationKeys : IDisposable
{
    private static readonly UserSecret UserSecret = new(Vectors.ModernConversation.Hex("user_secret"));
    private static readonly byte[] Dhsk = Vectors.ModernConversation.Hex("isk");

    public KeyChain Initiator { get; } = KeyChain.Derive(UserSecret, Dhsk, "initiator"u8);

    public KeyChain Responder { get; } = KeyChain.Derive(UserSecret, Dhsk, "responder"u8);

    /// <summary>What the initiator seals with.</summary>
    public SealedChannel Sender() => new(PduFormat.Modern, Initiator, Responder);

    /// <summary>What the responder opens with, after so many PDUs.</summary>
    public SealedChannel Receiver(int after) => Skip(new SealedChannel(PduFormat.Modern, Responder, Initiator), after);

    /// <summary>What the initiator opens with, after so many PDUs.</summary>
    public SealedChannel Reflected(int after) => Skip(Sender(), after);

    public void Dispose()
    {
        Initiator.Dispose();
        Responder.Dispose();
    }

    // A channel counts every PDU that it reads, right or wrong.
    private SealedChannel Skip(SealedChannel channel, int count)
    {
        PduReader.Read(Sender().Seal(MsgType.Hello, [], 0), PduFormat.Modern, out var any);
        for (; count > 0; count--)
        {
            channel.Verify(any!);
        }

        return channel;
    }
}

// How our messages to each contact are numbered (protocol page, section 7). Each number is used once; if the log then refuses the message, it is never sent.

using System.Buffers.Binary;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.Ledgers;

namespace ActorChat.Node.Outgoing;

/// <summary>Our streams, one for each contact.</summary>
/// <param name="begun">Those that were begun before.</param>
/// <param name="random">Where a stream's 8 bytes come from.</param>
internal sealed class OutgoingStreams(IReadOnlyDictionary<string, OutgoingStream> begun, IRandomSource random)
{
    private readonly Dictionary<string, OutgoingStream> _streams = new(begun);

    /// <summary>The number of the next message to a contact.</summary>
    public TextNumber Next(string contact)
    {
        var stream = _streams.TryGetValue(contact, out var known) ? known : new OutgoingStream(NewStream(), 1);
        _streams[contact] = stream with { Next = stream.Next + 1 };
        return new TextNumber(stream.Stream, stream.Next);
    }

    private ulong NewStream()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        random.Fill(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }
}

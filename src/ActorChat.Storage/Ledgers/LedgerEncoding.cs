// The ledger and its place in the log as bytes, always the same bytes for the same ledger. Numbers are little-endian, names and texts carry their length (BinaryWriter).
// A change here needs another version number: a snapshot of another version is made again from the log.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Ledgers;

/// <summary>A ledger as it was written.</summary>
/// <param name="Ledger">The ledger.</param>
/// <param name="Segment">The segment that holds its last record.</param>
/// <param name="Offset">Where that record ends there, in bytes.</param>
/// <param name="LastMac">Its MAC, 32 bytes.</param>
internal sealed record SavedLedger(Ledger Ledger, int Segment, long Offset, byte[] LastMac);

/// <summary>Turns a ledger into bytes and back.</summary>
internal static class LedgerEncoding
{
    private const byte Version = 1;

    /// <summary>The bytes. The caller clears them.</summary>
    public static byte[] Encode(Ledger ledger, int segment, long offset, ReadOnlySpan<byte> lastMac)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write(segment);
        writer.Write(offset);
        writer.Write(lastMac);
        writer.Write(ledger.UpTo);
        writer.Write(ledger.ShownUpTo ?? -1);
        writer.Write(ledger.LastReceived);
        writer.Write(ledger.Contacts.Count);
        foreach (var (name, contact) in ledger.Contacts)
        {
            writer.Write(name);
            Write(writer, contact);
        }

        writer.Write(ledger.Waiting.Count);
        foreach (var message in ledger.Waiting)
        {
            Write(writer, message);
        }

        var bytes = stream.ToArray();
        stream.GetBuffer().AsSpan().Clear();
        return bytes;
    }

    /// <summary>The ledger; null when the bytes are of another version. They were sealed, so nothing else can be wrong with them.</summary>
    public static SavedLedger? Decode(byte[] bytes, LedgerLimits limits)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        if (reader.ReadByte() != Version)
        {
            return null;
        }

        var (segment, offset, lastMac) = (reader.ReadInt32(), reader.ReadInt64(), reader.ReadBytes(LogFormat.MacSize));
        var ledger = new Ledger(limits)
        {
            UpTo = reader.ReadInt64(), ShownUpTo = reader.ReadInt64() is >= 0 and var shown ? shown : null, LastReceived = reader.ReadInt64(),
        };
        for (var contacts = reader.ReadInt32(); contacts > 0; contacts--)
        {
            ReadInto(ledger.ContactOf(reader.ReadString()), reader);
        }

        for (var waiting = reader.ReadInt32(); waiting > 0; waiting--)
        {
            ledger.Wait(ReadWaiting(reader));
        }

        return new SavedLedger(ledger, segment, offset, lastMac);
    }

    private static void Write(BinaryWriter writer, ContactLedger contact)
    {
        writer.Write(contact.Outgoing?.Stream ?? 0);
        writer.Write(contact.Outgoing?.Next ?? 0);
        WriteTime(writer, contact.Facts.LastMet);
        WriteTime(writer, contact.Facts.LastSent);
        writer.Write((byte)contact.Facts.Outcome.GetValueOrDefault());
        writer.Write(contact.Facts.Reason);
        writer.Write(contact.Streams.Count);
        foreach (var (stream, numbers) in contact.Streams)
        {
            writer.Write(stream);
            writer.Write(numbers.All.Count);
            foreach (var (first, last) in numbers.All)
            {
                writer.Write(first);
                writer.Write(last);
            }
        }

        writer.Write(contact.Ids.Count);
        foreach (var id in contact.Ids)
        {
            writer.Write(id.ToByteArray());
        }
    }

    private static void ReadInto(ContactLedger contact, BinaryReader reader)
    {
        var (stream, next) = (reader.ReadUInt64(), reader.ReadInt64());
        contact.Outgoing = next == 0 ? null : new OutgoingStream(stream, next);
        contact.Facts = new ContactFacts(
            ReadTime(reader), ReadTime(reader), reader.ReadByte() is > 0 and var outcome ? (LogOutcome)outcome : null, reader.ReadString());
        for (var streams = reader.ReadInt32(); streams > 0; streams--)
        {
            var numbers = contact.Use(reader.ReadUInt64());
            for (var ranges = reader.ReadInt32(); ranges > 0; ranges--)
            {
                numbers.Add(reader.ReadInt64(), reader.ReadInt64());
            }
        }

        for (var ids = reader.ReadInt32(); ids > 0; ids--)
        {
            contact.Remember(new Guid(reader.ReadBytes(16)));
        }
    }

    private static void Write(BinaryWriter writer, WaitingMessage message)
    {
        writer.Write(message.Number);
        writer.Write(message.Id.ToByteArray());
        writer.Write(message.Recipient);
        writer.Write(message.Text);
        WriteTime(writer, message.WrittenAt);
        WriteTime(writer, message.Expires);
        writer.Write(message.Stream ?? 0);
        writer.Write(message.Sequence ?? 0);
    }

    private static WaitingMessage ReadWaiting(BinaryReader reader)
    {
        var message = new WaitingMessage(
            reader.ReadInt64(), new Guid(reader.ReadBytes(16)), reader.ReadString(), reader.ReadString(), ReadTime(reader)!.Value, ReadTime(reader)!.Value, reader.ReadUInt64(), reader.ReadInt64());
        return message.Sequence == 0 ? message with { Stream = null, Sequence = null } : message;
    }

    private static void WriteTime(BinaryWriter writer, DateTimeOffset? time) => writer.Write(time?.UtcTicks ?? -1);

    private static DateTimeOffset? ReadTime(BinaryReader reader) => reader.ReadInt64() is >= 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
}

// A record as bytes, before it is sealed:
//
//   version 1 | time 8 | direction 1 | outcome 1 (0 for none) | members 1 | message id 16
//   | stream 8, number in it 8 | written at 8 | expires 8 | shown up to 8 | missing 8     each only where "members" has its bit
//   | name length 2 | name | address length 2 | address | text, to the end
//
// Times are signed, in 100 ns since 1970. Version 1 had nothing of the second line and fewer directions and outcomes; it is read, but no longer written.
// Encoding accepts any text: a lone surrogate becomes U+FFFD rather than an exception in the log's writer.
// Decoding is strict: what has a valid MAC was written by this code, and what no version of it would have written is not a record.

using System.Buffers.Binary;
using System.Text;

namespace ActorChat.Storage.SecureLog;

/// <summary>Turns a <see cref="LogRecord"/> into bytes and back.</summary>
internal static class LogRecordEncoding
{
    private const byte Version = 2;
    private const int FixedSize = 28;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    [Flags]
    private enum Members : byte
    {
        MessageId = 1,
        Stream = 2,
        WrittenAt = 4,
        Expires = 8,
        ShownUpTo = 16,
        PostQuantum = 32, // a flag, without bytes of its own
        Missing = 64,
        All = 127,
    }

    /// <summary>The record's bytes, at most <see cref="LogFormat.MaxPlaintextSize"/>. The caller clears them.</summary>
    /// <exception cref="ArgumentException">A member is too long, has an unknown value, or does not go with the others.</exception>
    public static byte[] Encode(LogRecord record)
    {
        RefuseImpossible(record);
        var members = MembersOf(record);
        var name = SizeOf(record.PeerName, LogRecord.MaxNameSize, "peer name");
        var address = SizeOf(record.PeerAddress, LogRecord.MaxNameSize, "peer address");
        var text = SizeOf(record.Text, LogRecord.MaxTextSize, "text");
        var bytes = new byte[FixedSize + SizeOf(members) + sizeof(ushort) + name + sizeof(ushort) + address + text];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), Ticks(record.Time));
        bytes[9] = (byte)record.Direction;
        bytes[10] = (byte)record.Outcome.GetValueOrDefault();
        bytes[11] = (byte)members;
        record.MessageId.GetValueOrDefault().TryWriteBytes(bytes.AsSpan(12), bigEndian: true, out _);
        var rest = bytes.AsSpan(FixedSize);
        foreach (var number in (ReadOnlySpan<long?>)
            [(long?)record.Stream, record.Sequence, Ticks(record.WrittenAt), Ticks(record.Expires), record.ShownUpTo, record.IsLate ? 0 : record.Missing])
        {
            if (number is { } there)
            {
                BinaryPrimitives.WriteInt64BigEndian(rest, there);
                rest = rest[sizeof(long)..];
            }
        }

        rest = WriteName(rest, record.PeerName, name);
        Encoding.UTF8.GetBytes(record.Text, WriteName(rest, record.PeerAddress, address));
        return bytes;
    }

    /// <summary>The record, or null when the bytes are not one of a version that is known.</summary>
    public static LogRecord? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FixedSize || bytes[0] is not (1 or Version))
        {
            return null;
        }

        var members = (Members)bytes[11];
        var id = bytes.Slice(12, 16);
        var rest = bytes[FixedSize..];
        if ((members & ~Members.All) != 0 || rest.Length < SizeOf(members) || (!members.HasFlag(Members.MessageId) && id.ContainsAnyExcept((byte)0)))
        {
            return null;
        }

        try
        {
            var stream = Take(ref rest, Members.Stream);
            var sequence = Take(ref rest, Members.Stream);
            var record = new LogRecord(
                Time(BinaryPrimitives.ReadInt64BigEndian(bytes[1..])),
                (LogDirection)bytes[9],
                PeerName: "",
                PeerAddress: "",
                members.HasFlag(Members.MessageId) ? new Guid(id, bigEndian: true) : null,
                bytes[10] == 0 ? null : (LogOutcome)bytes[10],
                Text: "")
            {
                Stream = (ulong?)stream,
                Sequence = sequence,
                WrittenAt = Time(Take(ref rest, Members.WrittenAt)),
                Expires = Time(Take(ref rest, Members.Expires)),
                ShownUpTo = Take(ref rest, Members.ShownUpTo),
                IsPostQuantum = members.HasFlag(Members.PostQuantum),
            };
            var missing = Take(ref rest, Members.Missing);
            record = record with { Missing = missing == 0 ? null : missing, IsLate = missing == 0 };
            return IsPossible(record) && (bytes[0] == Version || IsOfVersion1(record))
                && ReadName(ref rest) is { } name && ReadName(ref rest) is { } address && rest.Length <= LogRecord.MaxTextSize
                ? record with { PeerName = name, PeerAddress = address, Text = StrictUtf8.GetString(rest) }
                : null;
        }
        catch (ArgumentException)
        {
            return null; // not UTF-8, or a time out of range
        }

        long? Take(ref ReadOnlySpan<byte> from, Members member)
        {
            if (!members.HasFlag(member))
            {
                return null;
            }

            var number = BinaryPrimitives.ReadInt64BigEndian(from);
            from = from[sizeof(long)..];
            return number;
        }
    }

    /// <summary>A record's direction, outcome and id, without decoding it; null when the bytes are too short for a record.</summary>
    internal static (LogDirection Direction, bool HasOutcome, Guid? Id)? Peek(ReadOnlySpan<byte> bytes) => bytes.Length < FixedSize ? null : (
        (LogDirection)bytes[9],
        bytes[10] != 0,
        ((Members)bytes[11]).HasFlag(Members.MessageId) ? new Guid(bytes.Slice(12, 16), bigEndian: true) : null);

    /// <summary>A record's text in UTF-8; empty where it ends before it.</summary>
    internal static ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> bytes)
    {
        var at = FixedSize + SizeOf((Members)bytes[11]);
        for (var name = 0; name < 2 && at + sizeof(ushort) <= bytes.Length; name++)
        {
            at += sizeof(ushort) + BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
        }

        return at < bytes.Length ? bytes[at..] : [];
    }

    private static void RefuseImpossible(LogRecord record)
    {
        if (!IsPossible(record))
        {
            throw new ArgumentException(
                "The log knows no such record. Use the named directions and outcomes, number only what is in a stream, from 1, and say only with Shown what was shown, and only of what was received in a stream what is missing there.");
        }
    }

    private static bool IsPossible(LogRecord record) =>
        record.Direction is >= LogDirection.Received and <= LogDirection.Shown
        && record.Outcome is null or (>= LogOutcome.Delivered and <= LogOutcome.Cancelled)
        && (record.Stream is null) == (record.Sequence is null) && record.Sequence is null or > 0
        && (record.ShownUpTo is null) == (record.Direction != LogDirection.Shown) && record.ShownUpTo is null or >= 0
        && record is { Missing: null, IsLate: false }
            or { Missing: null or > 0, Direction: LogDirection.Received, Stream: not null } and ({ Missing: null } or { IsLate: false });

    private static bool IsOfVersion1(LogRecord record) =>
        record.Direction <= LogDirection.Note && record.Outcome is null or <= LogOutcome.Unknown
        && (MembersOf(record) & ~Members.MessageId) == 0;

    private static Members MembersOf(LogRecord record) =>
        (record.MessageId is null ? 0 : Members.MessageId)
        | (record.Stream is null ? 0 : Members.Stream)
        | (record.WrittenAt is null ? 0 : Members.WrittenAt)
        | (record.Expires is null ? 0 : Members.Expires)
        | (record.ShownUpTo is null ? 0 : Members.ShownUpTo)
        | (record.IsPostQuantum ? Members.PostQuantum : 0)
        | (record is { Missing: null, IsLate: false } ? 0 : Members.Missing);

    // The bytes of the second line. The id is in the first line, a stream has its number with it, and PostQuantum has no bytes.
    private static int SizeOf(Members members) =>
        sizeof(long) * (int.PopCount((int)(members & ~(Members.MessageId | Members.PostQuantum))) + (members.HasFlag(Members.Stream) ? 1 : 0));

    private static int SizeOf(string value, int limit, string what)
    {
        var size = Encoding.UTF8.GetByteCount(value);
        return size <= limit ? size : throw new ArgumentException($"The {what} has {size} bytes; the log takes at most {limit}. Shorten it.");
    }

    private static long Ticks(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks;

    private static long? Ticks(DateTimeOffset? time) => time is { } given ? Ticks(given) : null;

    private static DateTimeOffset Time(long ticks) => DateTimeOffset.UnixEpoch.AddTicks(ticks);

    private static DateTimeOffset? Time(long? ticks) => ticks is { } given ? Time(given) : null;

    private static Span<byte> WriteName(Span<byte> destination, string name, int size)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)size);
        Encoding.UTF8.GetBytes(name, destination[sizeof(ushort)..]);
        return destination[(sizeof(ushort) + size)..];
    }

    private static string? ReadName(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < sizeof(ushort)
            || (BinaryPrimitives.ReadUInt16BigEndian(rest) is var size && (size > LogRecord.MaxNameSize || rest.Length < sizeof(ushort) + size)))
        {
            return null;
        }

        var name = StrictUtf8.GetString(rest.Slice(sizeof(ushort), size));
        rest = rest[(sizeof(ushort) + size)..];
        return name;
    }
}

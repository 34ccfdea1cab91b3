// A record as bytes, before it is sealed:
//
//   version 1 | time 8 (100 ns units since 1970, signed) | direction 1 | outcome 1 (0 for none) | has id 1 | message id 16
//   | name length 2 | name | address length 2 | address | text, to the end
//
// Encoding takes any text: a lone surrogate, which a peer can put into JSON, becomes U+FFFD rather than an exception in the log's writer.
// Decoding is strict: what stands under a MAC was written by this code, and what this version would not have written is not a record.

using System.Buffers.Binary;
using System.Text;

namespace ActorChat.Storage.SecureLog;

/// <summary>Turns a <see cref="LogRecord"/> into bytes and back.</summary>
internal static class LogRecordEncoding
{
    private const byte Version = 1;
    private const int FixedSize = 28;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The record's bytes, at most <see cref="LogFormat.MaxPlaintextSize"/>. The caller clears them.</summary>
    /// <exception cref="ArgumentException">A member is longer than it may be, or a direction or outcome is none that there is.</exception>
    public static byte[] Encode(LogRecord record)
    {
        if (!Enum.IsDefined(record.Direction) || (record.Outcome is { } given && !Enum.IsDefined(given)))
        {
            throw new ArgumentException("The log knows no such direction or outcome. Use one of the named ones.");
        }

        var name = SizeOf(record.PeerName, LogRecord.MaxNameSize, "peer name");
        var address = SizeOf(record.PeerAddress, LogRecord.MaxNameSize, "peer address");
        var text = SizeOf(record.Text, LogRecord.MaxTextSize, "text");
        var bytes = new byte[FixedSize + sizeof(ushort) + name + sizeof(ushort) + address + text];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), (record.Time - DateTimeOffset.UnixEpoch).Ticks);
        bytes[9] = (byte)record.Direction;
        bytes[10] = (byte)record.Outcome.GetValueOrDefault();
        bytes[11] = record.MessageId is null ? (byte)0 : (byte)1;
        record.MessageId.GetValueOrDefault().TryWriteBytes(bytes.AsSpan(12), bigEndian: true, out _);
        var rest = WriteName(bytes.AsSpan(FixedSize), record.PeerName, name);
        Encoding.UTF8.GetBytes(record.Text, WriteName(rest, record.PeerAddress, address));
        return bytes;
    }

    /// <summary>The record, or null when the bytes are not one of this version.</summary>
    public static LogRecord? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FixedSize || bytes[0] != Version || bytes[11] > 1 || (bytes[11] == 0 && bytes.Slice(12, 16).ContainsAnyExcept((byte)0)))
        {
            return null;
        }

        var direction = (LogDirection)bytes[9];
        LogOutcome? outcome = bytes[10] == 0 ? null : (LogOutcome)bytes[10];
        Guid? id = bytes[11] == 0 ? null : new Guid(bytes.Slice(12, 16), bigEndian: true);
        var rest = bytes[FixedSize..];
        try
        {
            var time = DateTimeOffset.UnixEpoch.AddTicks(BinaryPrimitives.ReadInt64BigEndian(bytes[1..]));
            return Enum.IsDefined(direction) && (outcome is not { } defined || Enum.IsDefined(defined))
                && ReadName(ref rest) is { } name && ReadName(ref rest) is { } address && rest.Length <= LogRecord.MaxTextSize
                ? new LogRecord(time, direction, name, address, id, outcome, StrictUtf8.GetString(rest))
                : null;
        }
        catch (ArgumentException)
        {
            return null; // not UTF-8, or a time that is none
        }
    }

    private static int SizeOf(string value, int limit, string what)
    {
        var size = Encoding.UTF8.GetByteCount(value);
        return size <= limit ? size : throw new ArgumentException($"The {what} has {size} bytes; the log takes at most {limit}. Shorten it.");
    }

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

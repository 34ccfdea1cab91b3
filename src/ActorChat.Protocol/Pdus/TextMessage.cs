// The plaintext of a text PDU in the modern profile: a JSON object with the message and the id by which a repetition is recognised,
// and, where the sender numbers its texts, the text's place in the sender's stream.

using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace ActorChat.Protocol.Pdus;

/// <summary>A message as it stands under the seal of a <c>text</c> PDU (protocol page, sections 5 and 7).</summary>
/// <param name="Id">Chosen by the sender; a receiver shows an id once.</param>
/// <param name="Text">Any Unicode text.</param>
/// <param name="Number">The text's place in its sender's stream; null where the sender does not number its texts.</param>
/// <param name="Sent">When the user finished the message, by the sender's clock, in seconds since the Unix epoch; null where the sender does not say.</param>
public sealed record TextMessage(Guid Id, string Text, TextNumber? Number = null, double? Sent = null)
{
    private const int GuidLength = 36;

    private static ReadOnlySpan<byte> PadMember => ", \"pad\": \""u8;

    private static readonly MemberNames Names = new("id", "text", "stream", "seq", "sent", "pad");

    /// <summary>The object <c>{"id": …, "text": …, "stream": …, "seq": …, "sent": …}</c> in UTF-8, spelled as <c>json.dumps</c> does; the last three only where there is something to say.</summary>
    /// <param name="maxSize">The most bytes that fit. Where <c>\uXXXX</c> for every non-ASCII character would need more, the characters are written as
    /// themselves (Python's <c>ensure_ascii=False</c>): the same object in half the bytes or less, so that a long message in any script still goes.</param>
    /// <param name="pads">Whether a last member <c>pad</c> fills the plaintext up to its <see cref="Padme"/> length, or to <paramref name="maxSize"/> where that is less.
    /// One that is a few bytes short of such a length, too few for the member, goes to the next.</param>
    /// <returns>The plaintext, or null where even that is longer than <paramref name="maxSize"/>.</returns>
    public byte[]? ToPlaintext(int maxSize, bool pads = false)
    {
        using var plaintext = new PooledBuffer(Text.Length + 192);
        Write(plaintext, ensureAscii: true);
        if (plaintext.Length > maxSize)
        {
            plaintext.Length = 0;
            Write(plaintext, ensureAscii: false);
        }

        if (pads)
        {
            Pad(plaintext, maxSize);
        }

        return plaintext.Length <= maxSize ? plaintext.Written.ToArray() : null;
    }

    /// <summary>Reads a plaintext; null when it is not such an object. <c>stream</c> and <c>seq</c> come together or not at all. Unknown members are ignored.</summary>
    public static TextMessage? FromPlaintext(ReadOnlySpan<byte> plaintext)
    {
        var read = default(Members);
        if (!StrictJson.Read(plaintext, Names, ref read, ReadMember) || read.Id is not { } id || read.Text is not { } text || read.Stream.HasValue != read.Sequence.HasValue)
        {
            return null;
        }

        return new TextMessage(id, text, read.Stream is { } stream ? new TextNumber(stream, read.Sequence!.Value) : null, read.Sent);
    }

    /// <summary>Shows the id only: message text is never logged.</summary>
    public override string ToString() => $"TextMessage {Id}";

    // What has been read so far.
    private struct Members
    {
        public Guid? Id;
        public string? Text;
        public ulong? Stream;
        public long? Sequence;
        public double? Sent;
    }

    private static bool ReadMember(ref Utf8JsonReader json, ref Members read, string name)
    {
        switch (name)
        {
            case "id":
                read.Id = json.TokenType == JsonTokenType.String && json.TryGetGuid(out var guid) ? guid : null;
                return read.Id is not null;
            case "text":
                return StrictJson.ReadString(ref json, out read.Text);
            case "stream":
                read.Stream = json.TokenType == JsonTokenType.String && json.TryGetBytesFromBase64(out var bytes) && bytes.Length == sizeof(ulong)
                    ? BinaryPrimitives.ReadUInt64BigEndian(bytes)
                    : null;
                return read.Stream is not null;
            case "seq":
                read.Sequence = json.TokenType == JsonTokenType.Number && json.TryGetInt64(out var number) && number >= 1 ? number : null;
                return read.Sequence is not null;
            case "pad":
                json.Skip(); // its value has no meaning
                return true;
            default:
                read.Sent = json.TokenType == JsonTokenType.Number && json.TryGetDouble(out var seconds) && double.IsFinite(seconds) ? seconds : null;
                return read.Sent is not null;
        }
    }

    private static void Pad(PooledBuffer plaintext, int maxSize)
    {
        var least = plaintext.Length + PadMember.Length + 1; // the member with nothing in it, before the brace's place
        var target = Math.Min(Padme.LengthOf(least), maxSize); // where the member fits into the text's own length, that very length
        if (target < least || Padme.LengthOf(plaintext.Length) == plaintext.Length)
        {
            return;
        }

        plaintext.Length--;
        plaintext.Write(PadMember);
        var spaces = target - least;
        plaintext.GetSpan(spaces)[..spaces].Fill((byte)' ');
        plaintext.Advance(spaces);
        plaintext.Write("\"}"u8);
    }

    private void Write(PooledBuffer output, bool ensureAscii)
    {
        output.Write("{\"id\": \""u8);
        Id.TryFormat(output.GetSpan(GuidLength), out var idLength, "D");
        output.Advance(idLength);
        output.Write("\", \"text\": "u8);
        JsonDumps.WriteString(output, Text, ensureAscii);
        if (Number is { } number)
        {
            Span<byte> stream = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(stream, number.Stream);
            output.Write(", \"stream\": "u8);
            JsonDumps.WriteBase64(output, stream);
            output.Write(", \"seq\": "u8);
            JsonDumps.WriteNumber(output, number.Sequence);
        }

        if (Sent is { } sent)
        {
            output.Write(", \"sent\": "u8);
            output.Advance(Timestamp.Format(sent, output.GetSpan(Timestamp.MaxTextLength)));
        }

        output.Write("}"u8);
    }
}

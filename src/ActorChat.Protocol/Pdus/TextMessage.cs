// The plaintext of a text PDU in the modern profile: a JSON object with the message and the id by which a repetition is recognised,
// and, where the sender numbers its texts, the text's place in the sender's stream.

using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace ActorChat.Protocol.Pdus;

/// <summary>A message as it stands under the seal of a <c>text</c> PDU (protocol page, sections 5 and 7).</summary>
/// <param name="Id">Chosen by the sender; a receiver shows an id once.</param>
/// <param name="Text">Any Unicode text.</param>
/// <param name="Number">The text's place in its sender's stream; null where the sender does not number its texts.</param>
/// <param name="Sent">When the user finished the message, by the sender's clock, in seconds since the Unix epoch; null where the sender does not say.</param>
public sealed record TextMessage(Guid Id, string Text, TextNumber? Number = null, double? Sent = null)
{
    /// <summary>The object <c>{"id": …, "text": …, "stream": …, "seq": …, "sent": …}</c> in UTF-8, spelled as <c>json.dumps</c> does; the last three only where there is something to say.</summary>
    /// <param name="maxSize">The most bytes that fit. Where <c>\uXXXX</c> for every non-ASCII character would need more, the characters are written as
    /// themselves (Python's <c>ensure_ascii=False</c>): the same object in half the bytes or less, so that a long message in any script still goes.</param>
    /// <returns>The plaintext, or null where even that is longer than <paramref name="maxSize"/>.</returns>
    public byte[]? ToPlaintext(int maxSize)
    {
        var ascii = Write(ensureAscii: true);
        if (ascii.Length <= maxSize)
        {
            return ascii;
        }

        var utf8 = Write(ensureAscii: false);
        return utf8.Length <= maxSize ? utf8 : null;
    }

    /// <summary>Reads a plaintext; null when it is not such an object. <c>stream</c> and <c>seq</c> come together or not at all. Unknown members are ignored.</summary>
    public static TextMessage? FromPlaintext(ReadOnlySpan<byte> plaintext)
    {
        Guid? id = null;
        string? text = null;
        ulong? stream = null;
        long? sequence = null;
        double? sent = null;
        if (!StrictJson.Read(plaintext, Member) || id is not { } theId || text is null || stream.HasValue != sequence.HasValue)
        {
            return null;
        }

        return new TextMessage(theId, text, stream is null ? null : new TextNumber(stream.Value, sequence!.Value), sent);

        bool Member(ref Utf8JsonReader json, string name)
        {
            switch (name)
            {
                case "id":
                    id = json.TokenType == JsonTokenType.String && json.TryGetGuid(out var guid) ? guid : null;
                    return id is not null;
                case "text":
                    text = json.TokenType == JsonTokenType.String ? json.GetString() : null;
                    return text is not null;
                case "stream":
                    stream = json.TokenType == JsonTokenType.String && json.TryGetBytesFromBase64(out var bytes) && bytes.Length == sizeof(ulong)
                        ? BinaryPrimitives.ReadUInt64BigEndian(bytes)
                        : null;
                    return stream is not null;
                case "seq":
                    sequence = json.TokenType == JsonTokenType.Number && json.TryGetInt64(out var number) && number >= 1 ? number : null;
                    return sequence is not null;
                case "sent":
                    sent = json.TokenType == JsonTokenType.Number && json.TryGetDouble(out var seconds) && double.IsFinite(seconds) ? seconds : null;
                    return sent is not null;
                default:
                    return StrictJson.Skip(ref json);
            }
        }
    }

    /// <summary>Shows the id only: message text is never logged.</summary>
    public override string ToString() => $"TextMessage {Id}";

    private byte[] Write(bool ensureAscii)
    {
        var output = new ArrayBufferWriter<byte>(Text.Length + 192);
        output.Write("{\"id\": \""u8);
        output.Write(Encoding.ASCII.GetBytes(Id.ToString("D")));
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
        return output.WrittenSpan.ToArray();
    }
}

// The plaintext of a text PDU in the modern profile: a JSON object with the message and the id by which a repetition is recognised.

using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ActorChat.Protocol.Pdus;

/// <summary>A message as it stands under the seal of a <c>text</c> PDU (protocol page, section 5).</summary>
/// <param name="Id">Chosen by the sender; a receiver shows an id once.</param>
/// <param name="Text">Any Unicode text.</param>
public sealed record TextMessage(Guid Id, string Text)
{
    /// <summary>The object <c>{"id": …, "text": …}</c> in UTF-8, spelled as <c>json.dumps</c> does.</summary>
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

    /// <summary>Reads a plaintext; null when it is not such an object. Unknown members are ignored.</summary>
    public static TextMessage? FromPlaintext(ReadOnlySpan<byte> plaintext)
    {
        Guid? id = null;
        string? text = null;
        var good = StrictJson.Read(plaintext, Member);
        return good && id is { } theId && text is not null ? new TextMessage(theId, text) : null;

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
                default:
                    return StrictJson.Skip(ref json);
            }
        }
    }

    /// <summary>Shows the id only: message text is never logged.</summary>
    public override string ToString() => $"TextMessage {Id}";

    private byte[] Write(bool ensureAscii)
    {
        var output = new ArrayBufferWriter<byte>(Text.Length + 64);
        output.Write("{\"id\": \""u8);
        output.Write(Encoding.ASCII.GetBytes(Id.ToString("D")));
        output.Write("\", \"text\": "u8);
        JsonDumps.WriteString(output, Text, ensureAscii);
        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }
}

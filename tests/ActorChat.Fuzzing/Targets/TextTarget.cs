// The plaintext of a text, which an authenticated peer chooses freely: read twice, written again, and sent through the seal and the framer.

using System.Globalization;
using System.Text.Json;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Fuzzing.Targets;

internal static class TextTarget
{
    private const double Now = 1700000000.25;

    // The spaces that json.dumps writes and another sender may leave out, and a number's longer spelling.
    private const int Longer = 9 + 30;

    public static void Run(byte[] input)
    {
        var message = Require.Within(64 * 1024, bytesPerByte: 64, input.Length, () => TextMessage.FromPlaintext(input));
        Require.That(message == ByDom(input), "a second reading finds the same message");
        if (message is null)
        {
            return;
        }

        WriteAgain(message, int.MaxValue);
        WriteAgain(message, input.Length + Longer);
        if (input.Length <= SealedChannel.MaxPlaintextSize(16 * 1024))
        {
            Send(input);
        }
    }

    private static TextMessage? ByDom(byte[] plaintext) => PduByDom.Parse(plaintext, root =>
        PduByDom.Members(root) is { } members
        && members.TryGetValue("id", out var id) && PduByDom.Text(id) is not null && id.TryGetGuid(out var guid)
        && members.TryGetValue("text", out var text) && PduByDom.Text(text) is { } message
        && Number(members, out var number) && Sent(members, out var sent)
            ? new TextMessage(guid, message, number, sent)
            : null);

    private static bool Number(Dictionary<string, JsonElement> members, out TextNumber? number)
    {
        number = null;
        if (members.ContainsKey("stream") != members.ContainsKey("seq"))
        {
            return false;
        }

        if (!members.TryGetValue("stream", out var stream))
        {
            return true;
        }

        if (PduByDom.Text(stream) is null || !stream.TryGetBytesFromBase64(out var bytes) || bytes.Length != 8
            || members["seq"] is not { ValueKind: JsonValueKind.Number } seq || !seq.TryGetInt64(out var sequence) || sequence < 1)
        {
            return false;
        }

        number = new TextNumber(ulong.Parse(Convert.ToHexString(bytes), NumberStyles.HexNumber, CultureInfo.InvariantCulture), sequence);
        return true;
    }

    private static bool Sent(Dictionary<string, JsonElement> members, out double? sent)
    {
        sent = members.TryGetValue("sent", out var member) && member.ValueKind == JsonValueKind.Number && member.TryGetDouble(out var seconds) && double.IsFinite(seconds)
            ? seconds
            : null;
        return sent is not null || !members.ContainsKey("sent");
    }

    private static void WriteAgain(TextMessage message, int maxSize)
    {
        var plaintext = message.ToPlaintext(maxSize);
        Require.That(plaintext is not null, "a message can be written where there is room for it as it came");
        Require.That(plaintext!.Length <= maxSize, "what is written fits");
        Require.That(TextMessage.FromPlaintext(plaintext) == message, "what is written is read back");
    }

    private static void Send(byte[] plaintext)
    {
        using var keys = new ConversationKeys();
        var sent = keys.Sender().Seal(MsgType.Text, plaintext, Now);
        var framer = new PduFramer(16 * 1024);
        framer.Append(sent);
        Require.That(framer.Read(out var frame) == Framing.Complete, "what is sent is one PDU, within the limit that it was made for");
        Require.Same(sent.AsSpan(0, sent.Length - 1), frame.Span, "what is sent is one PDU");
        Require.That(PduReader.Read(frame, PduFormat.Modern, out var pdu) == Verdict.Accept, "what is sent is accepted");
        var receiver = keys.Receiver(after: 0);
        Require.That(receiver.Verify(pdu!), "what is sent verifies");
        Require.Same(plaintext, receiver.Open(pdu!), "what is sent arrives");
    }
}

// The eight message types of the protocol page (section 2) and the exact lower-case words that stand for them on the wire.
// An upper-case or unknown word has no MsgType: the reader calls such a PDU malformed.

using System.Text;
using System.Text.Json;

namespace ActorChat.Protocol.Pdus;

/// <summary>The type of a PDU (<c>header.msg_type</c>, protocol page, section 2).</summary>
public enum MsgType
{
    /// <summary>Step 1: the initiator's public value and user name.</summary>
    Dh1,

    /// <summary>Step 2: the responder's public value and, in modern, its user name.</summary>
    Dh2,

    /// <summary>Step 3: the initiator shows that it holds the keys.</summary>
    Hello,

    /// <summary>Steps 4 and 7: 32 random bytes to answer.</summary>
    Chall,

    /// <summary>Steps 5 and 8: the HMAC of those bytes under the answering side's chap_secret.</summary>
    Resp,

    /// <summary>Steps 6, 9, 9a and 11: accepted.</summary>
    Ack,

    /// <summary>Steps 6, 9, 9a and 11, and the last PDU before a receiver closes over one that it refuses: not accepted.</summary>
    Nack,

    /// <summary>Step 10: the message.</summary>
    Text,
}

/// <summary>The words of <see cref="MsgType"/> on the wire.</summary>
public static class MsgTypes
{
    private static readonly string[] Words = ["dh_1", "dh_2", "hello", "chall", "resp", "ack", "nack", "text"];
    private static readonly byte[][] Utf8Words = [.. Words.Select(Encoding.ASCII.GetBytes)];

    /// <summary>The lower-case word that stands for <paramref name="type"/> in <c>header.msg_type</c>.</summary>
    public static string Word(this MsgType type) => Words[(int)type];

    /// <summary>The same word as bytes.</summary>
    internal static ReadOnlySpan<byte> Utf8Word(this MsgType type) => Utf8Words[(int)type];

    /// <summary>Whether a PDU of this type is part of the key agreement: an object as body, and no <c>security</c> member since there are no keys yet.</summary>
    public static bool IsKeyAgreement(this MsgType type) => type is MsgType.Dh1 or MsgType.Dh2;

    /// <summary>The type whose word is exactly <paramref name="word"/>, or null.</summary>
    public static MsgType? FromWord(string? word) => Array.IndexOf(Words, word) is >= 0 and var index ? (MsgType)index : null;

    /// <summary>The type whose word is the string on which the reader stands, however it is escaped; or null.</summary>
    internal static MsgType? Read(ref Utf8JsonReader json)
    {
        for (var i = 0; i < Utf8Words.Length; i++)
        {
            if (json.ValueTextEquals(Utf8Words[i]))
            {
                return (MsgType)i;
            }
        }

        return null;
    }
}

// Reads one JSON object member by member and refuses a name that comes twice. Two readers of the same bytes could each pick
// a different one of two equal members and so disagree on what was authenticated; that is why the protocol page refuses them.
// Names and words are compared as bytes; a name becomes a string only where the member is unknown.

using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ActorChat.Protocol.Pdus;

/// <summary>JSON objects as a receiver takes them: any member order and white space, unknown members ignored, duplicate members refused.</summary>
internal static class StrictJson
{
    /// <summary>How deep objects may nest. A PDU needs 3 levels; anything deeper is in unknown members.</summary>
    private const int MaxDepth = 16;

    /// <summary>Takes the value of the member <paramref name="name"/>, on which the reader stands. False refuses the whole object.</summary>
    /// <param name="json">The reader.</param>
    /// <param name="read">What has been read so far.</param>
    /// <param name="name">One of the names that were given.</param>
    public delegate bool MemberReader<T>(ref Utf8JsonReader json, ref T read, string name)
        where T : allows ref struct;

    /// <summary>Reads bytes that must be one JSON object in UTF-8 and nothing else.</summary>
    /// <param name="utf8">The bytes.</param>
    /// <param name="names">The members that are known.</param>
    /// <param name="read">Receives what is read.</param>
    /// <param name="member">Takes a known member.</param>
    /// <returns>False when they are not, when a member comes twice, or when <paramref name="member"/> refused.</returns>
    public static bool Read<T>(ReadOnlySpan<byte> utf8, MemberNames names, ref T read, MemberReader<T> member)
        where T : allows ref struct
    {
        // Utf8JsonReader does not look inside strings, so UTF-8 is checked for the whole first.
        if (!Utf8.IsValid(utf8))
        {
            return false;
        }

        try
        {
            var json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
            return json.Read() && ReadObject(ref json, names, ref read, member) && !json.Read();
        }
        catch (JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            return false; // a lone surrogate written as \uD800: JSON's grammar allows it, no string can hold it
        }
    }

    /// <summary>Reads the object that begins at the reader's token, up to its end.</summary>
    public static bool ReadObject<T>(ref Utf8JsonReader json, MemberNames names, ref T read, MemberReader<T> member)
        where T : allows ref struct
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        var seen = 0u;
        HashSet<string>? seenUnknown = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var index = names.IndexOf(ref json);
            if (index < 0)
            {
                if (!(seenUnknown ??= new HashSet<string>(StringComparer.Ordinal)).Add(json.GetString()!))
                {
                    return false;
                }

                json.Skip();
                continue;
            }

            if ((seen & (1u << index)) != 0)
            {
                return false;
            }

            seen |= 1u << index;
            json.Read();
            if (!member(ref json, ref read, names[index]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A string's value; null and false for any other token.</summary>
    public static bool ReadString(ref Utf8JsonReader json, out string? value)
    {
        value = json.TokenType == JsonTokenType.String ? json.GetString() : null;
        return value is not null;
    }
}

/// <summary>The names of an object's members that are known, at most 32.</summary>
internal sealed class MemberNames(params string[] names)
{
    private readonly byte[][] _utf8 = [.. names.Select(Encoding.UTF8.GetBytes)];

    public string this[int index] => names[index];

    /// <summary>The place of the name on which the reader stands, however it is escaped; negative when it is none of these.</summary>
    public int IndexOf(ref Utf8JsonReader json)
    {
        for (var i = 0; i < _utf8.Length; i++)
        {
            if (json.ValueTextEquals(_utf8[i]))
            {
                return i;
            }
        }

        return -1;
    }
}

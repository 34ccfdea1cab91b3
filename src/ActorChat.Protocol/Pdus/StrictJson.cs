// Reads one JSON object member by member and refuses a name that comes twice. Two readers of the same bytes could each pick
// a different one of two equal members and so disagree on what was authenticated; that is why the protocol page refuses them.

using System.Text.Json;
using System.Text.Unicode;

namespace ActorChat.Protocol.Pdus;

/// <summary>JSON objects as a receiver takes them: any member order and white space, unknown members ignored, duplicate members refused.</summary>
internal static class StrictJson
{
    /// <summary>How deep objects may nest. A PDU needs 3 levels; what lies deeper is in members that nobody knows.</summary>
    private const int MaxDepth = 16;

    /// <summary>Takes the value of the member <paramref name="name"/>, on which the reader stands. False refuses the whole object.</summary>
    public delegate bool MemberReader(ref Utf8JsonReader json, string name);

    /// <summary>Reads bytes that must be one JSON object in UTF-8 and nothing else.</summary>
    /// <returns>False when they are not, or when <paramref name="member"/> refused.</returns>
    public static bool Read(ReadOnlySpan<byte> utf8, MemberReader member)
    {
        // Utf8JsonReader does not look inside strings, so UTF-8 is checked for the whole first.
        if (!Utf8.IsValid(utf8))
        {
            return false;
        }

        try
        {
            var json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
            return json.Read() && ReadObject(ref json, member) && !json.Read();
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
    public static bool ReadObject(ref Utf8JsonReader json, MemberReader member)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            json.Read();
            if (!seen.Add(name) || !member(ref json, name))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Passes over the value of a member that nobody knows.</summary>
    public static bool Skip(ref Utf8JsonReader json)
    {
        json.Skip();
        return true;
    }
}

// One member of the object that is the body of a dh_1 or dh_2. Lists of them read as the page writes them: ("username", name), ("key", bytes).

using System.Buffers;

namespace ActorChat.Protocol.Pdus;

/// <summary>A member of a key agreement's body: a string, bytes that are written in base64, or a whole number.</summary>
public readonly struct BodyMember
{
    private readonly string _name;
    private readonly string? _text;
    private readonly byte[]? _bytes;
    private readonly int _number;

    private BodyMember(string name, string? text, byte[]? bytes, int number) => (_name, _text, _bytes, _number) = (name, text, bytes, number);

    /// <summary>A string.</summary>
    public static implicit operator BodyMember((string Name, string Value) member) => new(member.Name, member.Value, bytes: null, number: 0);

    /// <summary>Bytes, in base64.</summary>
    public static implicit operator BodyMember((string Name, byte[] Value) member) => new(member.Name, text: null, member.Value, number: 0);

    /// <summary>A number.</summary>
    public static implicit operator BodyMember((string Name, int Value) member) => new(member.Name, text: null, bytes: null, member.Value);

    internal void Write(IBufferWriter<byte> output)
    {
        JsonDumps.WriteString(output, _name);
        output.Write(": "u8);
        if (_text is not null)
        {
            JsonDumps.WriteString(output, _text);
        }
        else if (_bytes is not null)
        {
            JsonDumps.WriteBase64(output, _bytes);
        }
        else
        {
            JsonDumps.WriteNumber(output, _number);
        }
    }
}

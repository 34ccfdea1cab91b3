// Strings as Python 3's json.dumps writes them, with ensure_ascii and without: its own output for the characters at each edge.

using System.Buffers;
using System.Text;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Protocol.Tests.Pdus;

public sealed class JsonDumpsTests
{
    [Theory]
    [InlineData("\u001f ~\u007f\u0080", "\"\\u001f ~\\u007f\\u0080\"", "\"\\u001f ~\u007f\u0080\"")]
    [InlineData("\"\\/\n\r\t\b\f\0", "\"\\\"\\\\/\\n\\r\\t\\b\\f\\u0000\"", "\"\\\"\\\\/\\n\\r\\t\\b\\f\\u0000\"")]
    [InlineData("é中🙂\ud7ff\ue000\uffff", "\"\\u00e9\\u4e2d\\ud83d\\ude42\\ud7ff\\ue000\\uffff\"", "\"é中🙂\ud7ff\ue000\uffff\"")]
    [InlineData("\u0fed\uabcd", "\"\\u0fed\\uabcd\"", "\"\u0fed\uabcd\"")]
    public void A_string_is_written_as_Python_writes_it(string text, string ascii, string unicode)
    {
        Assert.Equal(ascii, Write(text, ensureAscii: true));
        Assert.Equal(unicode, Write(text, ensureAscii: false));
    }

    private static string Write(string text, bool ensureAscii)
    {
        var output = new ArrayBufferWriter<byte>();
        JsonDumps.WriteString(output, text, ensureAscii);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}

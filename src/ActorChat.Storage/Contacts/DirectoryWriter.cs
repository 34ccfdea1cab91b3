// Adds an entry to a directory file. People edit the file by hand, so no existing byte is rewritten:
// the entry goes in after the last one, on a line of its own, indented as the first one is.

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace ActorChat.Storage.Contacts;

/// <summary>Writes entries of directory files.</summary>
public static class DirectoryWriter
{
    // Names are written as people write them. Only what JSON requires, and what HTML or a terminal would interpret, is escaped.
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.Create(ReadableCharacters());

    /// <summary>An entry as one line of JSON, without a line end: <c>{"username": "bob", "password": "…", "ip": "192.0.2.7", "port": 5002}</c>.</summary>
    public static string Line(Contact contact)
    {
        ArgumentNullException.ThrowIfNull(contact);
        var line = new StringBuilder();
        line.Append('{');
        Append("username", Quoted(contact.Username));
        Append("password", Quoted(contact.Password));
        Append("ip", Quoted(contact.Host));
        Append("port", contact.Port.ToString(CultureInfo.InvariantCulture));
        if (contact.Profile != Contact.DefaultProfile)
        {
            Append("profile", Quoted(contact.Profile));
        }

        if (contact.As is not null)
        {
            Append("as", Quoted(contact.As));
        }

        if (contact.AnswersAs is not null)
        {
            Append("answers_as", Quoted(contact.AnswersAs));
        }

        if (contact.RequiresPostQuantum)
        {
            Append("post_quantum", Quoted(Contact.Required));
        }

        return line.Append('}').ToString();

        void Append(string key, string value) => line.Append(line.Length == 1 ? "" : ", ").Append('"').Append(key).Append("\": ").Append(value);
    }

    /// <summary>What is wrong with an entry by itself, and what to do; null when a directory may hold it.</summary>
    public static string? Problem(Contact contact)
    {
        DirectoryReader.Read(Encoding.UTF8.GetBytes($"[{Line(contact)}]"), out var problems);
        return problems.Count == 0 ? null : problems[0].Message;
    }

    /// <summary>A directory file with one more entry.</summary>
    /// <param name="utf8">The file as it is, or nothing for a new one.</param>
    /// <param name="contact">The new entry.</param>
    /// <param name="problem">What is wrong with the file or the entry, and what to do; null when nothing is.</param>
    /// <returns>The file, with the old one's bytes in their order and the new entry among them; null when there is a problem.</returns>
    public static byte[]? Add(ReadOnlySpan<byte> utf8, Contact contact, out string? problem)
    {
        if (utf8.IsEmpty)
        {
            problem = Problem(contact);
            return problem is null ? Encoding.UTF8.GetBytes($"[\n  {Line(contact)}\n]\n") : null;
        }

        if (DirectoryReader.Read(utf8, out var problems) is not { } directory)
        {
            problem = DirectoryProblem.FirstOf(problems);
            return null;
        }

        problem = directory.Find(contact.Username) is null
            ? Problem(contact)
            : $"the name {contact.Username} is there already: take that entry out first, or choose another name";
        return problem is null ? Insert(utf8, contact) : null;
    }

    private static byte[] Insert(ReadOnlySpan<byte> utf8, Contact contact)
    {
        var (open, first, end) = Places(utf8);
        var isEmpty = first == end;
        var before = utf8[open..first];
        var newLine = utf8.IndexOf("\r\n"u8) >= 0 ? "\r\n" : "\n";
        var indent = isEmpty || before.LastIndexOf((byte)'\n') is not (>= 0 and var lineEnd) ? "  " : Encoding.UTF8.GetString(before[(lineEnd + 1)..]);

        var file = new ArrayBufferWriter<byte>(utf8.Length + 256);
        file.Write(utf8[..end]);
        Encoding.UTF8.GetBytes($"{(isEmpty ? "" : ",")}{newLine}{indent}{Line(contact)}", file);
        if (utf8[end..].TrimStart(" \t"u8)[0] == ']')
        {
            Encoding.UTF8.GetBytes(newLine, file); // the list ended on the line of its last entry
        }

        file.Write(utf8[end..]);
        return file.WrittenSpan.ToArray();
    }

    // The offsets after the list's opening bracket, of its first entry, and after its last one; in an empty list all are right after the bracket.
    private static (int Open, int First, int End) Places(ReadOnlySpan<byte> utf8)
    {
        var skipped = utf8.StartsWith("\uFEFF"u8) ? 3 : 0;
        var json = new Utf8JsonReader(utf8[skipped..]);
        json.Read();
        var open = skipped + (int)json.BytesConsumed;
        int? first = null;
        var end = open;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            first ??= skipped + (int)json.TokenStartIndex;
            json.Skip();
            end = skipped + (int)json.BytesConsumed;
        }

        return (open, first ?? open, end);
    }

    private static string Quoted(string text) => $"\"{Encoder.Encode(text)}\"";

    private static TextEncoderSettings ReadableCharacters()
    {
        var settings = new TextEncoderSettings(UnicodeRanges.All);
        settings.ForbidCharacters(
            [.. Enumerable.Range(0, char.MaxValue + 1).Select(c => (char)c).Where(c => char.GetUnicodeCategory(c) == UnicodeCategory.Format)]);
        return settings;
    }
}

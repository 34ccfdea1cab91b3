// Somebody else's PDU, read leniently: every member with the place of its name and value in the bytes, so that values can be blanked for CRC and HMAC, and
// wrong ones marked in a report. The node's own PduReader would only refuse it.

using System.Text;
using System.Text.Json;

namespace ActorChat.Conformance;

/// <summary>A member as it stands in the bytes.</summary>
/// <param name="NameStart">The first byte of its name, a quote.</param>
/// <param name="Start">The first byte of its value.</param>
/// <param name="End">The byte after the value's last.</param>
/// <param name="Kind">What the value is.</param>
/// <param name="Text">A string's content, or the value as written.</param>
internal sealed record Token(int NameStart, int Start, int End, JsonTokenType Kind, string Text)
{
    public bool IsString => Kind == JsonTokenType.String;

    public bool IsNumber => Kind == JsonTokenType.Number;
}

/// <summary>One JSON object.</summary>
internal sealed class Wire
{
    private const int MaxDepth = 16;

    private readonly Dictionary<string, Token> _tokens = [];

    private Wire(byte[] bytes) => Bytes = bytes;

    /// <summary>The bytes, without white space around them.</summary>
    public byte[] Bytes { get; }

    /// <summary>The paths of the members, in their order.</summary>
    public List<string> Paths { get; } = [];

    /// <summary>Reads an object; null when the bytes are not one.</summary>
    public static Wire? Read(byte[] bytes)
    {
        try
        {
            var wire = new Wire(bytes);
            var json = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(bytes);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            wire.ReadObject(ref json, "");
            return json.Read() ? null : wire;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>The member at a path, or null.</summary>
    public Token? At(string path) => _tokens.GetValueOrDefault(path);

    /// <summary>The member as it is called in a dialect, or null.</summary>
    public Token? At(Member member, Dialect dialect) => At(member.PathIn(dialect));

    /// <summary>The dialect, extended by the names that this PDU uses for the page's members and words.</summary>
    public Dialect LearnNames(Dialect dialect)
    {
        foreach (var member in Member.All)
        {
            if (At(member, dialect) is not null)
            {
                continue;
            }

            var parent = member.Parent is null ? "" : member.Parent.PathIn(dialect) + "/";
            var page = member.In(dialect.Profile);
            var siblings = Paths.Where(path => path.StartsWith(parent, StringComparison.Ordinal) && path.IndexOf('/', parent.Length) < 0).Select(path => path[parent.Length..]);
            var theirs = siblings.FirstOrDefault(name => name == page)
                ?? siblings.FirstOrDefault(name => name.Equals(page, StringComparison.OrdinalIgnoreCase) || member.Others.Contains(name, StringComparer.OrdinalIgnoreCase));
            if (theirs is not null)
            {
                dialect = dialect with { Names = dialect.Names.With(member.PathIn(dialect.Profile), theirs == page ? null : theirs) };
            }
        }

        dialect = LearnWord(dialect, Member.MsgType, Member.MsgTypes);
        dialect = LearnWord(dialect, Member.HmacType, [Member.HmacWord]);
        return LearnWord(dialect, Member.EncType, [Member.EncWord]);
    }

    /// <summary>The page's word for this PDU's msg_type; null when it has none.</summary>
    public string? MsgType(Dialect dialect) => At(Member.MsgType, dialect) is { IsString: true } token ? PageWord(token.Text, Member.MsgTypes) : null;

    /// <summary>The bytes with other values for some members; a value of null takes the member out, with its comma.</summary>
    public byte[] With(params (Token? Token, string? Value)[] changes)
    {
        var output = new List<byte>(Bytes.Length);
        var at = 0;
        foreach (var (token, value) in changes.Where(change => change.Token is not null).OrderBy(change => change.Token!.Start))
        {
            var (start, end) = value is not null ? (token!.Start, token.End) : MemberRange(token!);
            output.AddRange(Bytes.AsSpan(at, Math.Max(0, start - at)));
            output.AddRange(Encoding.UTF8.GetBytes(value ?? ""));
            at = end;
        }

        output.AddRange(Bytes.AsSpan(at));
        return [.. output];
    }

    /// <summary>The PDU as <c>json.dumps</c> would write it with the members in the page's order, unknown ones last.</summary>
    public string AsByPython(Dialect dialect) => Python("", dialect);

    /// <summary>Whether the bytes are spelled like that.</summary>
    public bool IsSpelledAsByPython(Dialect dialect) => Encoding.UTF8.GetString(Bytes) == AsByPython(dialect);

    private string Python(string prefix, Dialect dialect)
    {
        string[] order = [.. Order.Select(member => member.PathIn(dialect))];
        var members = Paths.Where(path => path.StartsWith(prefix, StringComparison.Ordinal) && path.IndexOf('/', prefix.Length) < 0)
            .OrderBy(path => Array.IndexOf(order, path) is >= 0 and var place ? place : order.Length)
            .Select(path => $"{Codec.Quote(path[prefix.Length..])}: {Value(path, dialect)}");
        return $"{{{string.Join(", ", members)}}}";
    }

    private string Value(string path, Dialect dialect) => _tokens[path] switch
    {
        { Kind: JsonTokenType.StartObject } => Python(path + "/", dialect),
        { IsString: true } token => Codec.Quote(token.Text),
        var token => token.Text,
    };

    private static readonly Member[] Order = [Member.Header, Member.Body, Member.Security, Member.MsgType, Member.Timestamp, Member.Crc, Member.Hmac, Member.EncType, Member.HmacType, Member.HmacValue];

    private static string? PageWord(string theirs, IEnumerable<string> words) => words.FirstOrDefault(word => theirs == word)
        ?? words.FirstOrDefault(word => theirs.Equals(word, StringComparison.OrdinalIgnoreCase) || Member.Words[word].Contains(theirs, StringComparer.OrdinalIgnoreCase));

    private Dialect LearnWord(Dialect dialect, Member member, IEnumerable<string> words)
    {
        if (At(member, dialect) is not { IsString: true } token || PageWord(token.Text, words) is not { } word)
        {
            return dialect;
        }

        var theirs = token.Text == Member.PageWord(word, dialect.Profile) ? null : token.Text;
        return dialect with { Words = dialect.Words.With(word, theirs) };
    }

    // A member with the comma that separates it from its neighbour: what a serialiser would leave out if the member were absent.
    private (int Start, int End) MemberRange(Token token)
    {
        var before = token.NameStart;
        while (before > 0 && Bytes[before - 1] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            before--;
        }

        if (before > 0 && Bytes[before - 1] == (byte)',')
        {
            return (before - 1, token.End);
        }

        var after = token.End;
        while (after < Bytes.Length && Bytes[after] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)',')
        {
            after++;
        }

        return (token.NameStart, Bytes[after] == (byte)'}' ? token.End : after);
    }

    private void ReadObject(ref Utf8JsonReader json, string prefix)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var (name, nameStart) = (json.GetString()!, (int)json.TokenStartIndex);
            var path = prefix + name;
            json.Read();
            var (start, kind) = ((int)json.TokenStartIndex, json.TokenType);
            var text = kind == JsonTokenType.String ? json.GetString()! : "";
            Paths.Add(path);
            if (kind == JsonTokenType.StartObject)
            {
                ReadObject(ref json, path + "/");
            }
            else if (kind == JsonTokenType.StartArray)
            {
                json.Skip();
            }

            var end = (int)json.BytesConsumed;
            _tokens[path] = new Token(nameStart, start, end, kind, kind == JsonTokenType.String ? text : Encoding.UTF8.GetString(Bytes, start, end - start));
        }
    }
}

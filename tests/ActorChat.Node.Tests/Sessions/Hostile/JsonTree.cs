// A draft as a tree, so that chance can prune and graft it: members go, come twice, change places and names, get other values.

using System.Text;

namespace ActorChat.Node.Tests.Sessions.Hostile;

/// <summary>An object with its members in order, or a value as it is spelled.</summary>
internal sealed class JsonTree
{
    private static readonly string[] KnownNames = ["header", "body", "security", "hmac", "crc", "msg_type", "timestamp", "hmac_val", "enc_type", "username", "key", "id", "text"];

    private static readonly string[] UnknownNames = ["x", "y", "z", "", "Header", "crc ", "msg-type"];

    private static readonly string[] AnyValues =
    [
        "null", "true", "false", "0", "-1", "1.5", "1e308", "-1e999", "4294967296", "99999999999999999999999999", "\"\"", "\"x\"", "\"AAAA\"", "\"\\u0000\"", "\"\\ud83d\\ude42\"",
        "[]", "{}", "[[[]]]", "{\"x\": {\"x\": 0}}", "nul", "\"\n\"", "01", "[}", "\"\\q\"",
    ];

    // Values that a member could hold, so that most random PDUs pass the first check.
    private static readonly Dictionary<string, string[]> LikelyValues = new()
    {
        ["msg_type"] = ["\"hello\"", "\"chall\"", "\"resp\"", "\"ack\"", "\"nack\"", "\"text\"", "\"dh_1\"", "\"dh_2\""],
        ["timestamp"] = ["0", "-1", "1.5", "1e308", "-1e300", "4294967296", "99999999999999999999999999"],
        ["crc"] = ["0", "1", "4294967295"],
        ["hmac_val"] = ["\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""],
        ["body"] = ["null", "\"\"", "\"AAAA\"", "\"AAAAAAAAAAAAAAAAAAAAAA==\""],
        ["username"] = ["\"\"", "\"carol\"", "\"\\u0000\"", "\"\\ud83d\\ude42\""],
        ["text"] = ["\"\"", "\"\\u0000\"", "\"\\ud83d\\ude42\"", "\"x\""],
    };

    private JsonTree(string? value, List<(string Name, JsonTree Node)> members)
    {
        Value = value;
        Members = members;
    }

    /// <summary>Null for an object.</summary>
    public string? Value { get; private set; }

    public List<(string Name, JsonTree Node)> Members { get; }

    /// <summary>Reads a right draft or plaintext, whose strings hold no brackets, commas or quotes.</summary>
    public static JsonTree Of(string text)
    {
        var position = 0;
        return Read(text, ref position);
    }

    /// <summary>The first member of this name.</summary>
    public JsonTree? Find(string name) => Members.Find(member => member.Name == name).Node;

    public bool HasTwice() => Members.Select(member => member.Name).Distinct().Count() < Members.Count;

    /// <summary>How often a value stands in the tree.</summary>
    public int Count(string value) => Value == value ? 1 : Members.Sum(member => member.Node.Count(value));

    /// <summary>Every value in the tree.</summary>
    public IEnumerable<string> AllValues() => Value is not null ? [Value] : Members.SelectMany(member => member.Node.AllValues());

    /// <summary>Does one thing that <paramref name="random"/> chooses to one object of the tree.</summary>
    public void Mutate(Random random)
    {
        var objects = Objects().ToList();
        var members = objects[random.Next(objects.Count)].Members;
        var at = random.Next(members.Count + 1);
        if (at == members.Count)
        {
            members.Insert(random.Next(members.Count + 1), (AName(random), new JsonTree(One(AnyValues, random), [])));
            return;
        }

        var (name, node) = members[at];
        switch (random.Next(12))
        {
            case 0:
                members.RemoveAt(at);
                break;
            case 1:
                members.Insert(random.Next(members.Count + 1), (name, node.Copy()));
                break;
            case 2:
                members[at] = (AName(random), node);
                break;
            case 3:
                members.RemoveAt(at);
                objects[random.Next(objects.Count)].Members.Add((name, node)); // the object may have left the tree by now
                break;
            case 4:
                members[at] = (name, new JsonTree(One(AnyValues, random), []));
                break;
            case 5 or 6 or 7 or 8 when LikelyValues.TryGetValue(name, out var likely):
                members[at] = (name, new JsonTree(One(likely, random), []));
                break;
            default:
                members.RemoveAt(at);
                members.Insert(random.Next(members.Count + 1), (name, node));
                break;
        }
    }

    /// <summary>The tree as text, with white space as <paramref name="random"/> chooses.</summary>
    public string Write(Random random)
    {
        var text = new StringBuilder();
        Write(text, random);
        return text.ToString();
    }

    private static JsonTree Read(string text, ref int position)
    {
        var members = new List<(string, JsonTree)>();
        if (text[position] != '{')
        {
            var end = text.AsSpan(position).IndexOfAny(',', '}') is >= 0 and var length ? position + length : text.Length;
            var value = text[position..end];
            position = end;
            return new JsonTree(value, members);
        }

        position++;
        while (text[position] != '}')
        {
            position += text[position] == ',' ? 2 : 0;
            var colon = text.IndexOf(": ", position, StringComparison.Ordinal);
            var name = text[(position + 1)..(colon - 1)];
            position = colon + 2;
            members.Add((name, Read(text, ref position)));
        }

        position++;
        return new JsonTree(null, members);
    }

    private static string AName(Random random) => One(random.Next(4) == 0 ? KnownNames : UnknownNames, random);

    private static string One(string[] choices, Random random) => choices[random.Next(choices.Length)];

    private IEnumerable<JsonTree> Objects() => Value is not null ? [] : Members.SelectMany(member => member.Node.Objects()).Prepend(this);

    private JsonTree Copy() => new(Value, [.. Members.Select(member => (member.Name, member.Node.Copy()))]);

    private void Write(StringBuilder text, Random random)
    {
        if (Value is not null)
        {
            text.Append(Value);
            return;
        }

        text.Append('{').Append(Space());
        for (var i = 0; i < Members.Count; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(Space()).Append('"').Append(Members[i].Name).Append('"').Append(Space()).Append(':').Append(Space());
            Members[i].Node.Write(text, random);
            text.Append(Space());
        }

        text.Append('}');

        string Space() => random.Next(6) switch { 0 => "\n", 1 => "\t \r", 2 or 3 => " ", _ => "" };
    }
}

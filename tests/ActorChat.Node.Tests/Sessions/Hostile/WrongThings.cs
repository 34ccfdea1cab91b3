// The list of wrong things. Most are alterations of the right PDU. What must follow depends on who made it: the contact itself, which can put
// right CRC and HMAC on anything; somebody in the middle, who can make the CRC fit; or an accident on the way, which changes no check.

using System.Text;
using System.Text.Json;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Tests;

namespace ActorChat.Node.Tests.Sessions.Hostile;

internal static class WrongThings
{
    private const char Escape = '\\';

    private static readonly string[] SealedWords = ["hello", "chall", "resp", "ack", "nack", "text"];

    /// <summary>Every wrong thing.</summary>
    public static IReadOnlyList<WrongThing> All { get; } =
    [
        .. Members(), .. Values(), .. Times(), .. Spellings(), .. Sizes(), .. KeyAgreements(), .. Bodies(), .. Texts(),
        .. Types(), .. Hmacs(), .. Replays(), .. Segments(), .. Endings(),
    ];

    /// <summary>A PDU's alteration by each of the three that could have made it.</summary>
    /// <param name="name">What is altered.</param>
    /// <param name="edit">From the moment to the altered draft; null or the same where it does not apply.</param>
    /// <param name="follows">What follows where the contact itself did it.</param>
    /// <param name="applies">Where it applies; everywhere when null.</param>
    /// <param name="behindHmac">Whether what is wrong is looked at only after the HMAC.</param>
    public static IEnumerable<WrongThing> Altered(
        string name, Func<Moment, string?> edit, Follows follows, Func<Half, int, bool>? applies = null, bool behindHmac = false)
    {
        applies ??= Anywhere;
        yield return new($"{name}, by the contact itself", applies, m => DeedOf(m, follows, draft => m.Conversation.Seal(draft)));
        yield return new($"{name}, by somebody in the middle", applies, m => DeedOf(m, InTheMiddle(m), draft => Draft.Fill(draft, HmacOf(m.Right))));
        yield return new($"{name}, by accident", applies, m => DeedOf(m, ByAccident(), draft => Draft.Fill(
            draft.Replace($"{Draft.Hmac}", $"\"{Convert.ToBase64String(HmacOf(m.Right))}\"", StringComparison.Ordinal), CrcOf(m.Right))));

        Follows InTheMiddle(Moment m) =>
            follows is Follows.BadCrc or Follows.SomebodyElse || (follows == Follows.Malformed && !(behindHmac && m.HasKeys)) || (follows == Follows.Ignored && !m.HasKeys) ? follows
            : m.HasKeys ? Follows.BadHmac
            : follows is Follows.Unexpected ? follows
            : Follows.OtherKeys;

        Follows ByAccident() => follows == Follows.Malformed && !behindHmac ? follows : Follows.BadCrc;

        Deed? DeedOf(Moment m, Follows then, Func<string, byte[]> seal)
        {
            var draft = edit(m);
            if (draft is null || draft == m.RightDraft)
            {
                return null;
            }

            var pdu = seal(draft);
            return new Deed(then == Follows.Ignored ? m.WhereIgnored(m.Type) : then, Line(pdu))
            {
                RightSteps = then == Follows.Success ? 1 : 0,
                OwnDh = !m.HasKeys && then == follows && then is Follows.Success or Follows.OtherKeys ? pdu : null,
                Ignored = then == Follows.Ignored ? 1 : 0,
                Counted = m.HasKeys,
            };
        }
    }

    private static bool Anywhere(Half half, int step) => true;

    private static bool AtKeyAgreement(Half half, int step) => step == 0;

    private static bool WhenSealed(Half half, int step) => step > 0;

    private static bool AtChallenge(Half half, int step) => Conversation.StepsOf(half)[step] == MsgType.Chall;

    private static bool AtAnswer(Half half, int step) => Conversation.StepsOf(half)[step] == MsgType.Resp;

    private static bool AtText(Half half, int step) => Conversation.StepsOf(half)[step] == MsgType.Text;

    private static bool WithBody(Half half, int step) => AtChallenge(half, step) || AtAnswer(half, step) || AtText(half, step);

    private static bool WithoutBody(Half half, int step) => step > 0 && !WithBody(half, step);

    // Members that are not there, or there twice, or called something else.
    private static IEnumerable<WrongThing> Members()
    {
        foreach (var name in new[] { "header", "msg_type", "timestamp", "crc", "body" })
        {
            yield return By(Altered($"{name} left out", m => Without(m.RightDraft, name), Follows.Malformed), 0);
            foreach (var wrong in Altered($"{name} renamed", m => Renamed(m.RightDraft, name, "Header"), Follows.Malformed))
            {
                yield return wrong;
            }

            foreach (var wrong in Altered($"{name} twice", m => Twice(m.RightDraft, name, name), Follows.Malformed))
            {
                yield return wrong;
            }

            var escaped = $"{Escape}u00{(int)name[0]:x2}{name[1..]}";
            yield return By(Altered($"{name} twice, once in an escaped spelling", m => Twice(m.RightDraft, name, escaped), Follows.Malformed), 0);
        }

        foreach (var name in new[] { "security", "hmac", "hmac_type", "hmac_val", "enc_type" })
        {
            foreach (var wrong in Altered($"{name} left out", m => Without(m.RightDraft, name), Follows.Malformed, WhenSealed))
            {
                yield return wrong;
            }

            yield return By(Altered($"{name} twice", m => Twice(m.RightDraft, name, name), Follows.Malformed, WhenSealed), 0);
        }

        foreach (var wrong in new[]
        {
            Altered("an unknown member twice", m => Inserted(m, "\"x\": 1, \"x\": 2, "), Follows.Malformed),
            Altered("a security member where there are no keys", m => m.RightDraft[..^1] + ", \"security\": {}}", Follows.Malformed, AtKeyAgreement),
            Altered("no member at all", _ => "{}", Follows.Malformed),
            Altered(
                "the classic spelling of the HMAC's members",
                m => m.RightDraft.Replace("hmac_type", "type", StringComparison.Ordinal).Replace("hmac_val", "val", StringComparison.Ordinal), Follows.Malformed, WhenSealed),
            Altered("the header's members in the PDU itself", m => m.RightDraft.Replace("\"header\": {", "\"header\": {}, ", StringComparison.Ordinal).Replace($"{Draft.Crc}}}", $"{Draft.Crc}", StringComparison.Ordinal), Follows.Malformed),
        }.SelectMany(wrongs => wrongs))
        {
            yield return wrong;
        }
    }

    // Values of another kind than the member's, or out of range.
    private static IEnumerable<WrongThing> Values()
    {
        (string Member, string[] Values, Func<Half, int, bool> Applies)[] table =
        [
            ("header", ["null", "[]", "1", "\"\""], Anywhere),
            ("msg_type", ["null", "1", "[]", "\"\"", "\"HELLO\"", "\"Text\"", "\"dh_3\"", "\"ack\\u0000\"", "\"ack \"", "\"\\ud800\""], Anywhere),
            ("timestamp", ["null", "true", "\"1700000000.25\"", "[]", "{}", "1e999", "-1e999", "NaN", "Infinity", "+1", "01", "0x10", "1."], Anywhere),
            ("crc", ["null", "true", "\"1\"", "-0", "-1", "-4294967296", "4294967296", "1.5", "1e3", "99999999999999999999999999999999999999999999", "00", "{}"], Anywhere),
            ("body", ["true", "1", "-1e5", "[]", "[{}]"], Anywhere),
            ("body", ["{}", "{\"key\": \"\"}"], WhenSealed),
            ("body", ["null", "\"\""], AtKeyAgreement),
            ("security", ["null", "\"none\"", "[]", "0"], WhenSealed),
            ("hmac", ["null", "\"\"", "[]"], WhenSealed),
            ("hmac_type", ["null", "\"SHA1\"", "\"sha256\"", "\"none\"", "256"], WhenSealed),
            ("hmac_val", ["null", "0", "\"\"", "\"AAAA\"", "\"!!!!\"", $"\"{new string('A', 43)}\"", $"\"{new string('A', 48)}\"", "[]"], WhenSealed),
            ("enc_type", ["null", "\"none\"", "\"AES256-CBC\"", "\"aes256cbc\"", "1"], WhenSealed),
        ];
        foreach (var (member, values, applies) in table)
        {
            foreach (var value in values)
            {
                foreach (var wrong in Altered($"{member} is {value}", m => WithValue(m.RightDraft, member, value), Follows.Malformed, applies).Take(2))
                {
                    yield return wrong;
                }
            }
        }

        yield return By(Altered("a CRC of 0", m => WithValue(m.RightDraft, "crc", "0"), Follows.BadCrc), 0);
        yield return By(Altered("a CRC too high by one", m => WithValue(m.RightDraft, "crc", $"{CrcOf(m.Right) + 1}"), Follows.BadCrc), 0);
    }

    // A PDU outside the window is ignored, and the right PDU after it is taken. A PDU at the window's edge is taken.
    private static IEnumerable<WrongThing> Times()
    {
        (string Name, Func<double, string> Time)[] ignored =
        [
            ("25.001 s old", now => Draft.Number(now - 25.001)),
            ("25.001 s ahead", now => Draft.Number(now + 25.001)),
            ("an hour old", now => Draft.Number(now - 3600)),
            ("a year ahead", now => Draft.Number(now + 31_536_000)),
            ("of 1970", _ => "0"),
            ("of minus zero", _ => "-0.0"),
            ("before 1970", now => Draft.Number(-now)),
            ("of 10^308", _ => "1e308"),
            ("of minus 10^308", _ => "-1E+308"),
            ("of 60 digits", _ => new string('9', 60)),
            ("in milliseconds", now => Draft.Number(now * 1000)),
        ];
        var times = ignored.Select(time => Altered(
            $"a timestamp {time.Name}", m => WithValue(m.RightDraft, "timestamp", time.Time(m.Now)), Follows.Ignored));
        (string Name, Func<double, string> Time)[] taken =
        [
            ("25 s old", now => Draft.Number(now - 25)),
            ("25 s ahead", now => Draft.Number(now + 25)),
            ("without a fraction", now => Draft.Number(Math.Floor(now))),
            ("with an exponent", now => Draft.Number(now / 1000) + "e3"),
            ("with a hundred zeros behind", now => Draft.Number(Math.Floor(now)) + "." + new string('0', 100)),
        ];
        foreach (var wrong in times.Concat(taken.Select(time => Altered(
            $"a timestamp {time.Name}", m => WithValue(m.RightDraft, "timestamp", time.Time(m.Now)), Follows.Success))).SelectMany(wrongs => wrongs))
        {
            yield return wrong;
        }

        yield return new("a stale PDU of another type", WhenSealed, m => Ignored(m, m.Conversation.Seal(Stale(Other(m)))));
        yield return new("a stale PDU with a wrong HMAC", WhenSealed, m => new Deed(Follows.BadHmac, Line(Draft.Fill(Stale(m.RightDraft, m), new byte[32]))));
        yield return new("a stale dh PDU when there are keys", WhenSealed, m => new Deed(Follows.Unexpected, Line(m.Old.Sent[0])));
        yield return new("as many stale PDUs as a session bears", Anywhere, m => new Deed(m.WhereIgnored(m.Type), StalePdus(m, m.MaxIgnored - 1)) { Ignored = m.MaxIgnored - 1, Counted = m.HasKeys });
        yield return new("one stale PDU more than a session bears", Anywhere, m => new Deed(Follows.GivenUp, StalePdus(m, m.MaxIgnored)));
        yield return new("a stale PDU and the right one in one segment", Anywhere, m => new Deed(
            m.WhereIgnored(m.Type), [.. m.Conversation.Seal(Stale(m.RightDraft, m)), .. m.Conversation.SealSteps(m.Step, 1, m.HasKeys ? 1 : 0)[0]])
        {
            Ignored = m.Type == MsgType.Text ? 2 : 1,
            Counted = m.HasKeys,
            RightSteps = m.Type == MsgType.Text ? 0 : 1,
        });

        // Each is sealed in its place, since each counts.
        static byte[][] StalePdus(Moment m, int count) => [.. Enumerable.Range(0, count).Select(i => Line(m.Conversation.Seal(Stale(m.RightDraft, m), m.HasKeys ? i : 0)))];

        static string Other(Moment m) => m.Conversation.DraftOf(m.Type == MsgType.Hello ? MsgType.Text : MsgType.Hello, null);
    }

    // JSON that says the same in another way, and what only looks like JSON.
    private static IEnumerable<WrongThing> Spellings()
    {
        (string Name, Func<Moment, string?> Edit)[] same =
        [
            ("the members in another order", m => Reordered(m.RightDraft)),
            ("the header's members in another order", m => m.RightDraft.Replace($", \"crc\": {Draft.Crc}}}", "}", StringComparison.Ordinal).Replace("\"header\": {", $"\"header\": {{\"crc\": {Draft.Crc}, ", StringComparison.Ordinal)),
            ("white space everywhere", m => m.RightDraft.Replace(": ", " \t:\r\n ", StringComparison.Ordinal).Replace(", ", " \n, ", StringComparison.Ordinal)),
            ("no white space", m => m.RightDraft.Replace(": ", ":", StringComparison.Ordinal).Replace(", ", ",", StringComparison.Ordinal)),
            ("unknown members", m => Inserted(m, "\"x\": {\"header\": [1, -2.5e9, null, {\"y\": true}]}, ").Replace("\"header\": {", "\"header\": {\"\": \"\", ", StringComparison.Ordinal)),
            ("an escaped spelling of member names", m => m.RightDraft.Replace("\"header\"", "\"h\\u0065ader\"", StringComparison.Ordinal).Replace("\"body\"", "\"\\u0062ody\"", StringComparison.Ordinal)),
            ("an escaped spelling of the type", m => m.RightDraft.Replace($"\"{m.Type.Word()}\"", $"\"\\u{(int)m.Type.Word()[0]:x4}{m.Type.Word()[1..]}\"", StringComparison.Ordinal)),
            ("an escaped character in the body", m => m.RightDraft.Replace("\"body\": \"", $"\"body\": \"{Escape}u00{(int)BodyOf(m.RightDraft)[1]:x2}", StringComparison.Ordinal) is { } s && s != m.RightDraft ? s.Remove(s.IndexOf("\"body\": \"", StringComparison.Ordinal) + 15, 1) : null),
            ("an unknown member nested 14 deep", m => Inserted(m, $"\"x\": {Nested(14)}, ")),
            ("a lone surrogate in an unknown member", m => Inserted(m, "\"x\": \"\\ud800\", ")),
            ("an escaped NUL in an unknown member", m => Inserted(m, "\"x\": \"\\u0000\", ")),
            ("huge and negative numbers in unknown members", m => Inserted(m, $"\"x\": [{new string('9', 300)}, -1e-999, 1e999, -0], ")),
            ("braces and quotes in an unknown string", m => Inserted(m, "\"x\": \"}{\\\"}\\\\\", ")),
        ];
        (string Name, Func<Moment, string?> Edit)[] malformed =
        [
            ("an unknown member nested 16 deep", m => Inserted(m, $"\"x\": {Nested(16)}, ")),
            ("an unknown member nested 5,000 deep", m => Inserted(m, $"\"x\": {new string('[', 5000)}{new string(']', 5000)}, ")),
            ("objects nested 2,000 deep", m => Inserted(m, $"\"x\": {Nested(2000)}, ")),
            ("a lone surrogate in an unknown member's name", m => Inserted(m, "\"\\udc00\": 1, ")),
            ("a NUL in a string", m => Inserted(m, "\"x\": \"\0\", ")),
            ("a NUL between members", m => Inserted(m, "\0")),
            ("a line feed in a string", m => Inserted(m, "\"x\": \"\n\", ")),
            ("a byte that is no UTF-8", m => Inserted(m, "\"x\": \"\xff\", ")),
            ("an overlong UTF-8 spelling", m => Inserted(m, "\"x\": \"\xc0\x80\", ")),
            ("a surrogate in UTF-8", m => Inserted(m, "\"x\": \"\xed\xa0\x80\", ")),
            ("a UTF-8 sequence cut short", m => Inserted(m, "\"x\": \"\xf0\x9f\x99\", ")),
            ("a byte order mark inside", m => Inserted(m, "\xef\xbb\xbf")),
            ("a byte order mark before", m => "\xef\xbb\xbf" + m.RightDraft),
            ("a NUL before", m => "\0" + m.RightDraft),
            ("a comment", m => Inserted(m, "/* */")),
            ("a comma too many", m => m.RightDraft[..^1] + ",}"),
            ("single quotes", m => m.RightDraft.Replace('"', '\'')),
            ("a colon missing", m => m.RightDraft.Replace("\"body\":", "\"body\"", StringComparison.Ordinal)),
            ("an unknown escape", m => Inserted(m, "\"x\": \"\\x\", ")),
            ("a half escape", m => Inserted(m, "\"x\": \"\\u12\", ")),
            ("brackets that do not match", m => Inserted(m, "\"x\": [1}, ")),
            ("an array around it", m => "[" + m.RightDraft + "]"),
            ("an HTTP request", _ => "GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
            ("a TLS greeting", _ => "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"),
            ("a number", _ => "1700000000"),
            ("a string", _ => "\"text\""),
        ];
        foreach (var wrong in same.SelectMany(it => Altered(it.Name, it.Edit, Follows.Success)).Concat(malformed.SelectMany(it => Altered(it.Name, it.Edit, Follows.Malformed).Take(1))))
        {
            yield return wrong;
        }

        static string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"x\": ", depth)) + "0" + new string('}', depth);
    }

    private static IEnumerable<WrongThing> Sizes()
    {
        return Altered("a PDU of just the largest size", m => PaddedTo(m, m.SizeLimit), Follows.Success).Take(1)
            .Concat(Altered("a PDU one byte too large", m => PaddedTo(m, m.SizeLimit + 1), Follows.Malformed).Take(1))
            .Concat(Altered("a PDU of four times the largest size", m => PaddedTo(m, 4 * m.SizeLimit), Follows.Malformed).Take(1))
            .Append(new("a string without an end", Anywhere, m => new Deed(Follows.Malformed, Bytes("{\"x\": \"" + new string('x', m.SizeLimit)))))
            .Append(new("braces without an end", Anywhere, m => new Deed(Follows.Malformed, Bytes(string.Concat(Enumerable.Repeat("{\"a\":", m.SizeLimit / 5 + 1))))));
    }

    private static IEnumerable<WrongThing> KeyAgreements()
    {
        var lowOrder = Vectors.Load("cpace-x25519-sha512.json").GetProperty("scalar_mult_vfy").EnumerateArray()
            .Where(vector => vector.GetProperty("must_abort").GetBoolean()).Select(vector => vector.Hex("u")).ToList();
        lowOrder.AddRange(lowOrder.ToList().Select(point => (byte[])[.. point[..^1], (byte)(point[^1] | 0x80)]));
        foreach (var point in lowOrder)
        {
            yield return By(Altered($"the low-order point {Convert.ToHexString(point)}", m => WithKey(m, point), Follows.Malformed, AtKeyAgreement, behindHmac: true), 0);
            yield return By(Altered($"the low-order point {Convert.ToHexString(point)}", m => WithKey(m, point), Follows.Malformed, AtKeyAgreement, behindHmac: true), 1);
        }

        (string Member, string[] Values)[] malformed =
        [
            ("key", ["null", "1", "{}", "\"\"", "\"!\"", $"\"{Convert.ToBase64String(new byte[31])}\"", $"\"{Convert.ToBase64String(new byte[33])}\"", "\"\\ud800\""]),
            ("username", ["null", "1", "[\"alice\"]", "{}", "true", "\"\\ud83d\"", "\"\\udc00\\ud800\""]),
        ];
        foreach (var (member, values) in malformed)
        {
            foreach (var wrong in values.SelectMany(value => Altered($"{member} is {value}", m => WithValue(m.RightDraft, member, value), Follows.Malformed, AtKeyAgreement, behindHmac: true)))
            {
                yield return wrong;
            }

            yield return By(Altered($"{member} left out", m => Without(m.RightDraft, member), Follows.Malformed, AtKeyAgreement, behindHmac: true), 0);
            yield return By(Altered($"{member} twice", m => Twice(m.RightDraft, member, member), Follows.Malformed, AtKeyAgreement, behindHmac: true), 0);
        }

        foreach (var value in new[] { "null", "1", "\"\"", "\"classic\"", "\"MODERN\"", "\"modern\\u0000\"" })
        {
            yield return By(Altered($"profile is {value}", m => WithValue(m.RightDraft, "profile", value), Follows.Malformed, AtDh1, behindHmac: true), 0);
        }

        yield return By(Altered("profile left out", m => Without(m.RightDraft, "profile"), Follows.Malformed, AtDh1, behindHmac: true), 0);

        // A name that no directory can hold is refused. Any other is answered, known or not.
        (string[] Names, Follows Follows)[] names =
        [
            (["", "alice\\u0000", "\\u0000alice", "alice\\u202e", " alice", "a,b", new string('a', 256), new string('a', 10_000)], Follows.Malformed),
            (["carol", "ALICE", "\\ud83d\\ude42", new string('a', 255), Conversation.Responder], Follows.OtherKeys),
        ];
        foreach (var (name, follows) in names.SelectMany(group => group.Names.Select(name => (name, group.Follows))))
        {
            var shown = name.Length > 30 ? $"of {name.Length} letters" : $"\"{name}\"";
            foreach (var wrong in Altered($"the user name {shown}", m => WithValue(m.RightDraft, "username", $"\"{name}\""), follows, AtDh1, behindHmac: true)
                .Concat(Altered($"the user name {shown}", m => WithValue(m.RightDraft, "username", $"\"{name}\""), Follows.SomebodyElse, AtDh2)))
            {
                yield return wrong;
            }
        }

        // How many texts a responder takes. In a dh_1 this is an unknown member.
        (string[] Values, Follows Follows)[] texts =
        [
            (["0", "-1", "1001", "2.5", "1e2", "2147483648", "null", "\"2\"", "[2]", "true"], Follows.Malformed),
            (["1", "2", "1000"], Follows.Success),
        ];
        foreach (var (value, follows) in texts.SelectMany(group => group.Values.Select(value => (value, group.Follows))))
        {
            foreach (var wrong in Altered($"texts is {value}", m => WithTexts(m, value), follows, AtDh2, behindHmac: true)
                .Concat(Altered($"texts is {value}", m => WithTexts(m, value), Follows.Success, AtDh1)))
            {
                yield return wrong;
            }
        }

        foreach (var wrong in Altered("an escaped spelling of the user name", m => m.RightDraft.Replace("\"username\": \"", "\"username\": \"\\u00", StringComparison.Ordinal) is { } s
                ? s.Replace("\\u00a", "\\u0061", StringComparison.Ordinal).Replace("\\u00b", "\\u0062", StringComparison.Ordinal) : null, Follows.Success, AtKeyAgreement)
            .Concat(Altered("the unused top bit of the public value", m => WithKey(m, [.. m.Conversation.PublicValue[..^1], (byte)(m.Conversation.PublicValue[^1] | 0x80)]), Follows.Success, AtKeyAgreement))
            .Concat(Altered("an unknown member in the body", m => m.RightDraft.Replace("\"body\": {", "\"body\": {\"x\": [], ", StringComparison.Ordinal), Follows.Success, AtKeyAgreement))
            .Concat(Altered("another public value", m => WithKey(m, KeyOf(m.Recent.Sent[0])), Follows.OtherKeys, AtKeyAgreement))
            .Concat(Altered("the session's own public value", m => WithKey(m, KeyOf(m.Recent.Heard[0])), Follows.OtherKeys, AtDh1))
            .Concat(Altered("the initiator's public value as the responder's", m => WithKey(m, KeyOf(m.Conversation.Transcript.Heard[0])), Follows.OtherKeys, AtDh2)))
        {
            yield return wrong;
        }

        yield return new("another password", AtKeyAgreement, m =>
        {
            m.Conversation.UseSecret(DirectionKeys.UserSecret(Siege.OtherPassword, Conversation.Initiator));
            return new Deed(Follows.OtherKeys, m.Conversation.Seal(m.Conversation.DraftOf(0)));
        });
        yield return new("the same password for the other direction", AtKeyAgreement, m =>
        {
            m.Conversation.UseSecret(DirectionKeys.UserSecret(Siege.Password, Conversation.Responder));
            return new Deed(Follows.OtherKeys, m.Conversation.Seal(m.Conversation.DraftOf(0)));
        });

        static string WithTexts(Moment m, string value) => m.RightDraft.Replace("\"body\": {", $"\"body\": {{\"texts\": {value}, ", StringComparison.Ordinal);

        static bool AtDh1(Half half, int step) => step == 0 && half == Half.Initiator;

        static bool AtDh2(Half half, int step) => step == 0 && half == Half.Responder;
    }

    // Sealed bodies of the wrong kind: only the contact itself gets as far as that.
    private static IEnumerable<WrongThing> Bodies()
    {
        foreach (var wrong in Altered("a body where there is nothing to say", m => m.Conversation.DraftOf(m.Type, Bytes("something")), Follows.Malformed, WithoutBody, behindHmac: true)
            .Concat(Altered("an empty string where there is nothing to say", m => WithValue(m.RightDraft, "body", "\"\""), Follows.Malformed, WithoutBody, behindHmac: true)))
        {
            yield return wrong;
        }

        (string Name, Func<Moment, string> Body)[] bodies =
        [
            ("no body", _ => "null"),
            ("an empty body", _ => "\"\""),
            ("a body that is not base64", _ => "\"no base64\""),
            ("a body of half a block", _ => $"\"{Convert.ToBase64String(new byte[8])}\""),
            ("a body of a block and a byte", m => $"\"{Convert.ToBase64String([.. Convert.FromBase64String(BodyOf(m.RightDraft)[1..^1])[..16], 0])}\""),
            ("a body cut by its last block", m => $"\"{Convert.ToBase64String(Convert.FromBase64String(BodyOf(m.RightDraft)[1..^1])[..^16])}\""),
            ("a padding of zeros", m => $"\"{m.Conversation.Sending.EncryptUnpadded(m.Number, Blocks(m, 0))}\""),
            ("a padding of 17", m => $"\"{m.Conversation.Sending.EncryptUnpadded(m.Number, Blocks(m, 17))}\""),
            ("a padding of 255", m => $"\"{m.Conversation.Sending.EncryptUnpadded(m.Number, Blocks(m, 255))}\""),
            ("a padding of which only the last byte is right", m => $"\"{m.Conversation.Sending.EncryptUnpadded(m.Number, [.. new byte[47], 2])}\""),
            ("a plaintext of 0 bytes", m => $"\"{m.Conversation.Sending.Encrypt(m.Number, [])}\""),
            ("a plaintext of 1 byte", m => $"\"{m.Conversation.Sending.Encrypt(m.Number, [0x7b])}\""),
            ("a plaintext of 31 bytes", m => $"\"{m.Conversation.Sending.Encrypt(m.Number, new byte[31])}\""),
            ("a plaintext of 33 bytes", m => $"\"{m.Conversation.Sending.Encrypt(m.Number, new byte[33])}\""),
            ("a plaintext of 4,000 bytes", m => $"\"{m.Conversation.Sending.Encrypt(m.Number, new byte[4000])}\""),
        ];
        foreach (var wrong in bodies.SelectMany(it => Altered(it.Name, m => WithValue(m.RightDraft, "body", it.Body(m)), Follows.Malformed, WithBody, behindHmac: true)))
        {
            yield return wrong;
        }

        (string Name, Func<Moment, byte[]> Answer)[] answers =
        [
            ("an answer of zeros", _ => new byte[32]),
            ("the challenge itself as the answer", m => m.Conversation.TheirChallenge),
            ("the answer under the other direction's secret", m => System.Security.Cryptography.HMACSHA256.HashData(m.Conversation.Receiving.ChapSecret, m.Conversation.TheirChallenge)),
            ("the answer to the peer's own challenge", m => System.Security.Cryptography.HMACSHA256.HashData(m.Conversation.Sending.ChapSecret, m.Conversation.OwnChallenge)),
            ("the answer with its last bit changed", m => [.. m.Conversation.PlaintextOf(MsgType.Resp)![..^1], (byte)(m.Conversation.PlaintextOf(MsgType.Resp)![^1] ^ 1)]),
        ];
        foreach (var (name, answer) in answers)
        {
            yield return new(name, AtAnswer, m => new Deed(Follows.WrongAnswer, m.Conversation.Seal(m.Conversation.DraftOf(MsgType.Resp, answer(m)))));
        }
    }

    private static IEnumerable<WrongThing> Texts()
    {
        string[] malformed =
        [
            "", " ", "Hello", "null", "[]", "{}", "\"text\"", "{\"id\": ID}", "{\"text\": \"x\"}", "{\"id\": ID, \"text\": null}", "{\"id\": ID, \"text\": 1}",
            "{\"id\": ID, \"text\": [\"x\"]}", "{\"id\": null, \"text\": \"x\"}", "{\"id\": 1, \"text\": \"x\"}", "{\"id\": \"\", \"text\": \"x\"}",
            "{\"id\": \"0f8fad5b\", \"text\": \"x\"}", "{\"id\": ID, \"id\": ID, \"text\": \"x\"}", "{\"id\": ID, \"text\": \"x\", \"text\": \"y\"}",
            "{\"id\": ID, \"text\": \"\\ud800\"}", "{\"id\": ID, \"text\": \"\xff\"}", "{\"id\": ID, \"text\": \"\0\"}", "{\"id\": ID, \"text\": \"x\"} {}",
            "{\"id\": ID, \"text\": \"x\"", "\xef\xbb\xbf{\"id\": ID, \"text\": \"x\"}", "{\"id\": ID, \"Text\": \"x\"}", "{\"id\": ID, \"text\": \"x\",}",
            "{\"id\": ID, \"text\": \"x\", \"y\": " + new string('[', 40) + new string(']', 40) + "}",
        ];
        foreach (var wrong in malformed.SelectMany(text => Altered($"the plaintext {text}", m => Sealed(m, text), Follows.Malformed, AtText, behindHmac: true)))
        {
            yield return wrong;
        }

        (string Plaintext, string Text)[] taken =
        [
            ("{\"id\": ID, \"text\": \"\"}", ""),
            ("{\"text\": \"x\", \"id\": ID}", "x"),
            ("{\"id\": ID, \"x\": {\"text\": [1, 2]}, \"text\": \"x\"}", "x"),
            ("{\"id\": ID, \"t\\u0065xt\": \"\\u0000\\u001b[2J\"}", "\0\u001b[2J"),
            (" {\"id\":ID,\"text\":\"\xf0\x9f\x99\x82\"} ", "\U0001f642"),
            ("{\"id\": ID, \"text\": \"" + new string('x', 60_000) + "\"}", new string('x', 60_000)),
        ];
        foreach (var (plaintext, text) in taken)
        {
            yield return new($"the plaintext {(plaintext.Length > 100 ? "of 60,000 letters" : plaintext)}", AtText, m => new Deed(Follows.Success, m.Conversation.Seal(Sealed(m, plaintext)))
            {
                RightSteps = 1,
                Text = text,
            });
        }

        static string Sealed(Moment m, string plaintext) => WithValue(
            m.RightDraft, "body", $"\"{m.Conversation.Sending.Encrypt(m.Number, Bytes(plaintext.Replace("ID", $"\"{m.Conversation.Id}\"", StringComparison.Ordinal)))}\"")!;
    }

    // A genuine PDU that this state does not wait for: any other type, in the right place of the count.
    private static IEnumerable<WrongThing> Types()
    {
        foreach (var word in SealedWords)
        {
            var type = MsgTypes.FromWord(word)!.Value;
            yield return new($"{word} out of turn", Anywhere, m =>
                type == m.Type ? null
                : new Deed(
                    type == MsgType.Nack && m.MayBeDeclined ? Follows.Declined : Follows.Unexpected,
                    m.Conversation.Seal(m.Conversation.DraftOf(type, m.Conversation.PlaintextOf(type)))));
            foreach (var wrong in Altered($"the type altered to {word}", m => WithValue(m.RightDraft, "msg_type", $"\"{word}\""), Follows.Unexpected, WhenSealed).Skip(1))
            {
                yield return wrong;
            }

            yield return By(Altered($"the type altered to {word}", m => WithValue(m.RightDraft, "msg_type", $"\"{word}\""), Follows.Malformed, AtKeyAgreement), 0);
        }

        yield return new("dh_1 out of turn", Anywhere, m => m.Type == MsgType.Dh1 ? null : new Deed(Follows.Unexpected, m.Conversation.Seal(
            Draft.KeyAgreement("dh_1", m.Now, "username", Conversation.Initiator, "key", Convert.ToBase64String(m.Conversation.PublicValue), "profile", "modern"))));
        yield return new("dh_2 out of turn", Anywhere, m => m.Type == MsgType.Dh2 ? null : new Deed(Follows.Unexpected, m.Conversation.Seal(
            Draft.KeyAgreement("dh_2", m.Now, "username", Conversation.Responder, "key", Convert.ToBase64String(m.Conversation.PublicValue)))));
    }

    // A wrong HMAC: under other keys, with another number, over other bytes.
    private static IEnumerable<WrongThing> Hmacs()
    {
        (string Name, Func<Moment, byte[]?> Pdu)[] sealings =
        [
            ("an HMAC of zeros", m => Draft.Fill(m.RightDraft, new byte[32])),
            ("the first bit of the HMAC changed", m => Draft.Fill(m.RightDraft, Flipped(HmacOf(m.Right), 0))),
            ("the last bit of the HMAC changed", m => Draft.Fill(m.RightDraft, Flipped(HmacOf(m.Right), 31))),
            ("the keys of the other direction", m => Draft.Seal(m.RightDraft, m.Conversation.Receiving, m.Number)),
            ("keys of nobody", m => Draft.Seal(m.RightDraft, DirectionKeys.OfNobody, m.Number)),
            ("a number skipped", m => Draft.Seal(m.RightDraft, m.Conversation.Sending, m.Number + 1)),
            ("the number before", m => Draft.Seal(m.RightDraft, m.Conversation.Sending, m.Number - 1)),
            ("the highest number", m => Draft.Seal(m.RightDraft, m.Conversation.Sending, ulong.MaxValue)),
            ("the number in little endian", m => m.Number == 0 ? null : Draft.Seal(m.RightDraft, m.Conversation.Sending, m.Number << 56)),
            ("no number under the HMAC", m => Draft.Fill(m.RightDraft, System.Security.Cryptography.HMACSHA256.HashData(
                m.Conversation.Sending.HmacKey, Bytes(m.RightDraft.Replace(Draft.Crc, '0').Replace(Draft.Hmac, '0'))))),
            ("the HMAC over the CRC", m => Draft.Fill(m.RightDraft, m.Conversation.Sending.HmacOf(
                m.Number, Bytes(m.RightDraft.Replace($"{Draft.Crc}", $"{CrcOf(m.Right)}", StringComparison.Ordinal).Replace(Draft.Hmac, '0'))))),
            ("the HMAC of the PDU before", m => m.Conversation.Transcript.Sent.Count < 2 ? null : Draft.Fill(m.RightDraft, HmacOf(m.Conversation.Transcript.Sent[^1]))),
            ("the HMAC of the session's PDU", m => m.Conversation.Transcript.Heard.LastOrDefault(IsSealed) is { } heard ? Draft.Fill(m.RightDraft, HmacOf(heard)) : null),
        ];
        foreach (var (name, pdu) in sealings)
        {
            yield return new(name, WhenSealed, m => pdu(m) is { } bytes ? new Deed(Follows.BadHmac, Line(bytes)) : null);
        }

        foreach (var wrong in Altered("a bit of the ciphertext changed", m =>
        {
            var body = Convert.FromBase64String(BodyOf(m.RightDraft)[1..^1]);
            return WithValue(m.RightDraft, "body", $"\"{Convert.ToBase64String(Flipped(body, body.Length - 1))}\"");
        }, Follows.BadHmac, WithBody).Skip(1))
        {
            yield return wrong;
        }
    }

    // Replays: PDUs that were good in another place.
    private static IEnumerable<WrongThing> Replays()
    {
        (string Name, Func<Moment, byte[]?> Pdu)[] replays =
        [
            ("the peer's first PDU again", m => m.Conversation.Transcript.Sent.FirstOrDefault()),
            ("the peer's last PDU again", m => m.Conversation.Transcript.Sent.LastOrDefault()),
            ("the peer's first sealed PDU again", m => m.Conversation.Transcript.Sent.FirstOrDefault(IsSealed)),
            ("the session's first PDU reflected", m => m.Conversation.Transcript.Heard.FirstOrDefault()),
            ("the session's last PDU reflected", m => m.Conversation.Transcript.Heard.LastOrDefault()),
            ("the session's first sealed PDU reflected", m => m.Conversation.Transcript.Heard.FirstOrDefault(IsSealed)),
            ("the first PDU of a session of another conversation reflected", m => m.Recent.Heard[0]),
            ("a sealed PDU of a session of another conversation reflected", m => m.Recent.Heard.First(IsSealed)),
            ("the last PDU of a session of another conversation reflected", m => m.Recent.Heard[^1]),
            ("this step's PDU of another conversation", m => m.HasKeys ? m.Recent.Sent[m.Step] : null),
            ("the next step's PDU of another conversation", m => m.Recent.Sent.ElementAtOrDefault(m.Step + 1)),
            ("the last PDU of another conversation", m => m.Recent.Sent[^1]),
        ];
        foreach (var (name, replay) in replays)
        {
            yield return new(name, Anywhere, m =>
                replay(m) is not { } pdu ? null
                : m.HasKeys && IsSealed(pdu) ? new Deed(Follows.BadHmac, Line(pdu))
                : !m.HasKeys && !IsSealed(pdu) && pdu.AsSpan().IndexOf(Bytes($"\"{m.Type.Word()}\"")) >= 0 ? new Deed(Follows.OtherKeys, Line(pdu))
                : new Deed(Follows.Unexpected, Line(pdu)));
        }

        yield return new("the dh PDU of another conversation", AtKeyAgreement, m => new Deed(Follows.OtherKeys, Line(m.Recent.Sent[0])));
        yield return new("this step's PDU of a conversation a minute ago", Anywhere, m => IgnoredBeforeKeys(m, m.Old.Sent[m.Step]));
        yield return new("a whole conversation of a minute ago", Anywhere, m => IgnoredBeforeKeys(m, [.. m.Old.Sent.Where(pdu => IsSealed(pdu) || !m.HasKeys)]));
        yield return new("the session's PDU of a conversation a minute ago", Anywhere, m => IgnoredBeforeKeys(m, m.Old.Heard[^1]));
        yield return new("the right PDU twice in one segment", Anywhere, m => RightAndThen(m, m.Right, m.HasKeys ? Follows.BadHmac : Follows.Unexpected));
    }

    // The same PDUs in segments of every size.
    private static IEnumerable<WrongThing> Segments()
    {
        (string Name, Func<Moment, IEnumerable<byte[]>> Segments)[] segmentations =
        [
            ("a byte in each segment", m => Line(m.Right).Select(b => new[] { b })),
            ("one PDU in a thousand segments", m => m.Conversation.Seal(PaddedTo(m, 1000)).Select(b => new[] { b })),
            ("no line feed", m => [m.Right]),
            ("many kinds of white space around", m => [[.. "\r\n\t \n"u8, .. m.Right, .. "\r\n\r\n"u8]]),
            ("a segment before the PDU that holds white space only", m => [" "u8.ToArray(), "\n\n"u8.ToArray(), m.Right]),
            ("a kilobyte of line feeds before", m => [[.. Enumerable.Repeat((byte)'\n', 1024), .. m.Right]]),
            ("an empty segment before", m => [[], m.Right, []]),
            ("two segments, cut in the middle", m => [m.Right[..(m.Right.Length / 2)], m.Right[(m.Right.Length / 2)..]]),
        ];
        foreach (var (name, segments) in segmentations)
        {
            // The bytes of a dh PDU go into the keys, so the conversation goes on with those that were sent.
            yield return new(name, Anywhere, m =>
            {
                var pieces = segments(m).ToArray();
                return new Deed(Follows.Success, pieces) { RightSteps = 1, OwnDh = m.HasKeys ? null : Trimmed([.. pieces.SelectMany(piece => piece)]) };
            });
        }

        yield return new("two PDUs in one segment", MayGoTogether, m => new Deed(Follows.Success, [.. m.Conversation.SealSteps(m.Step, 2).SelectMany(Line)]) { RightSteps = 2 });
        yield return new("two PDUs in one segment with nothing between", MayGoTogether, m => new Deed(Follows.Success, [.. m.Conversation.SealSteps(m.Step, 2).SelectMany(pdu => pdu)]) { RightSteps = 2 });
        yield return new("two PDUs, cut inside the second", MayGoTogether, m =>
        {
            var both = m.Conversation.SealSteps(m.Step, 2).SelectMany(Line).ToArray();
            return new Deed(Follows.Success, both[..(m.Right.Length + 30)], both[(m.Right.Length + 30)..]) { RightSteps = 2 };
        });
        yield return new("two PDUs in the wrong order", MayGoTogether, m => new Deed(Follows.BadHmac, [.. m.Conversation.SealSteps(m.Step, 2).AsEnumerable().Reverse().SelectMany(Line)]));
        yield return new("the next PDU without this one", MayGoTogether, m => new Deed(Follows.BadHmac, m.Conversation.SealSteps(m.Step, 2)[1]));
        yield return new("the rest of the conversation in one segment", (half, step) => half == Half.Initiator && step >= 2, m =>
        {
            var count = Conversation.StepsOf(Half.Initiator).Count - m.Step;
            return new Deed(Follows.Success, [.. m.Conversation.SealSteps(m.Step, count).SelectMany(Line)]) { RightSteps = count };
        });
        yield return new("the right PDU with garbage behind it", Anywhere, m => RightAndThen(m, Bytes("garbage"), Follows.Malformed));
        yield return new("the right PDU with a brace too many", Anywhere, m => RightAndThen(m, Bytes("}"), Follows.Malformed));
        yield return new("the right PDU with a NUL behind it", Anywhere, m => RightAndThen(m, Bytes("\0"), Follows.Malformed));
        yield return new("the right PDU with an empty object behind it", Anywhere, m => RightAndThen(m, Bytes("{}"), Follows.Malformed));

        // Whether the peer can send its next step without the session's answer to this one.
        static bool MayGoTogether(Half half, int step) => half == Half.Initiator ? step is >= 2 and < 5 : step == 2;
    }

    private static IEnumerable<WrongThing> Endings()
    {
        foreach (var ending in new[] { Ending.Fin, Ending.Rst })
        {
            yield return new($"a {ending} in place of the PDU", Anywhere, _ => new Deed(Follows.Lost) { Ending = ending });
            yield return new($"half a PDU and a {ending}", Anywhere, m => new Deed(Follows.Lost, m.Right[..(m.Right.Length / 2)]) { Ending = ending });
            yield return new($"all of the PDU but its last byte, and a {ending}", Anywhere, m => new Deed(Follows.Lost, m.Right[..^1]) { Ending = ending });
        }

        yield return new("nothing at all", Anywhere, _ => new Deed(Follows.Silence));
        yield return new("half a PDU and then nothing", Anywhere, m => new Deed(Follows.Silence, m.Right[..(m.Right.Length / 2)]));
        yield return new("white space and then nothing", Anywhere, _ => new Deed(Follows.Silence, Bytes(new string(' ', 1000)), Bytes("\n")));
        yield return new("a stale PDU and then nothing", Anywhere, m => new Deed(Follows.Silence, m.Conversation.Seal(Stale(m.RightDraft, m))));
    }

    // An initiator that has its last receipt reads no more. A responder reads a text together
    // with what comes behind it, so the text gets no answer but the nack for that.
    private static Deed RightAndThen(Moment m, byte[] more, Follows follows) => new(IsLast(m) && !m.PeerInitiates ? Follows.Success : follows, [.. m.Right, .. more])
    {
        RightSteps = IsLast(m) && m.PeerInitiates ? 0 : 1,
    };

    private static bool IsLast(Moment m) => m.Step == Conversation.StepsOf(m.Conversation.Half).Count - 1;

    private static Deed Ignored(Moment m, byte[] pdu) => new(Follows.Ignored, Line(pdu)) { Ignored = 1, Counted = m.HasKeys };

    // A peer without the keys can have a PDU ignored only before there are keys; then the HMAC is checked before the time.
    private static Deed IgnoredBeforeKeys(Moment m, params byte[][] pdus) =>
        new(m.HasKeys ? Follows.BadHmac : Follows.Ignored, [.. pdus.Select(Line)]) { Ignored = m.HasKeys ? 0 : pdus.Length };

    private static string Stale(string draft, Moment m) => WithValue(draft, "timestamp", Draft.Number(m.Now - 60))!;

    private static string Stale(string draft) => WithValue(draft, "timestamp", "1.5")!;

    private static WrongThing By(IEnumerable<WrongThing> authors, int which) => authors.ElementAt(which);

    private static byte[] Bytes(string latin1) => Encoding.Latin1.GetBytes(latin1);

    private static byte[] Line(byte[] pdu) => [.. pdu, (byte)'\n'];

    private static byte[] Trimmed(byte[] line) => line.AsSpan().Trim(" \t\r\n"u8).ToArray();

    private static byte[] Flipped(byte[] bytes, int index)
    {
        var copy = bytes.ToArray();
        copy[index] ^= 1;
        return copy;
    }

    // The right plaintext, cut to whole blocks whose last byte is what a padding's would be.
    private static byte[] Blocks(Moment m, byte last)
    {
        var plaintext = m.Conversation.PlaintextOf(m.Type)!;
        return [.. plaintext[..(plaintext.Length / 16 * 16)], .. new byte[15], last];
    }

    private static bool IsSealed(byte[] pdu) => pdu.AsSpan().IndexOf("\"security\""u8) >= 0;

    private static uint CrcOf(byte[] pdu)
    {
        using var json = JsonDocument.Parse(pdu);
        return json.RootElement.GetProperty("header").GetProperty("crc").GetUInt32();
    }

    private static byte[] HmacOf(byte[] pdu)
    {
        using var json = JsonDocument.Parse(pdu);
        return json.RootElement.TryGetProperty("security", out var security) ? security.GetProperty("hmac").GetProperty("hmac_val").GetBytesFromBase64() : new byte[32];
    }

    private static byte[] KeyOf(byte[] dh)
    {
        using var json = JsonDocument.Parse(dh);
        return json.RootElement.GetProperty("body").GetProperty("key").GetBytesFromBase64();
    }

    private static string WithKey(Moment m, byte[] key) => WithValue(m.RightDraft, "key", $"\"{Convert.ToBase64String(key)}\"")!;

    private static string BodyOf(string draft)
    {
        var (start, end) = ValueOf(draft, "body");
        return draft[start..end];
    }

    private static string PaddedTo(Moment m, int size)
    {
        // The CRC mostly has 9 or 10 digits, which are part of the size. So several paddings of about the right length are tried, until the size is right.
        const string Blanks = "\n\t\r ";
        var missing = size - m.Right.Length;
        var tries =
            from padding in Enumerable.Range(missing - 6, 8)
            from one in Blanks
            from two in Blanks
            from three in Blanks
            select "{" + new string(' ', padding) + one + two + three + m.RightDraft[1..];
        return tries.First(draft => m.Conversation.Seal(draft).Length == size);
    }

    private static string Inserted(Moment m, string members) => "{" + members + m.RightDraft[1..];

    // The top-level members in reverse order. Their values hold no other top-level member's name.
    private static string Reordered(string draft)
    {
        var starts = new[] { "\"header\"", "\"body\"", "\"security\"" }.Select(name => draft.IndexOf(name, StringComparison.Ordinal)).Where(start => start > 0).Append(draft.Length + 1).ToArray();
        var members = starts.Zip(starts.Skip(1), (start, next) => draft[start..(next - 2)]).Reverse();
        return "{" + string.Join(", ", members) + "}";
    }

    private static string? WithValue(string draft, string member, string value)
    {
        var (start, end) = ValueOf(draft, member);
        return start < 0 ? null : draft[..start] + value + draft[end..];
    }

    private static string? Renamed(string draft, string member, string name) =>
        draft.Replace($"\"{member}\":", $"\"{name}\":", StringComparison.Ordinal);

    private static string? Twice(string draft, string member, string secondName)
    {
        var (start, end) = ValueOf(draft, member);
        return start < 0 ? null : draft[..end] + $", \"{secondName}\": " + draft[start..end] + draft[end..];
    }

    private static string? Without(string draft, string member)
    {
        var (start, end) = ValueOf(draft, member);
        if (start < 0)
        {
            return null;
        }

        start = draft.LastIndexOf($"\"{member}\"", start, StringComparison.Ordinal);
        return draft.AsSpan(end).StartsWith(", ") ? draft[..start] + draft[(end + 2)..]
            : draft[..start].EndsWith(", ", StringComparison.Ordinal) ? draft[..(start - 2)] + draft[end..]
            : draft[..start] + draft[end..];
    }

    // Where the value of a member stands in a right draft, whose strings hold no brackets.
    private static (int Start, int End) ValueOf(string draft, string member)
    {
        var name = draft.IndexOf($"\"{member}\": ", StringComparison.Ordinal);
        if (name < 0)
        {
            return (-1, -1);
        }

        var start = name + member.Length + 4;
        var depth = 0;
        var end = start;
        while (depth > 0 || draft[end] is not (',' or '}'))
        {
            depth += draft[end] == '{' ? 1 : draft[end] == '}' ? -1 : 0;
            end++;
        }

        return (start, end);
    }
}

// A probe from beginning to end: it finds a dialect in which the peer can be talked to, runs the trials, each in a conversation of its own, grades
// what they and the first conversation showed, and puts everything into a report. It ends in time whatever the peer does.

using System.Net;
using System.Net.Sockets;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Conformance;

/// <summary>What to probe.</summary>
/// <param name="Profile">The profile, one of the two.</param>
/// <param name="Name">Our name, as the peer knows it.</param>
/// <param name="Password">The password shared with the peer.</param>
/// <param name="Only">The checks that are wanted, each by its id or the beginning of the id; all checks when empty.</param>
/// <param name="Patience">How long to wait.</param>
/// <param name="Clock">The clock.</param>
public sealed record ProbeRequest(Profiles Profile, string Name, string Password, IReadOnlyList<string> Only, Patience Patience, TimeProvider Clock)
{
    /// <summary>The checks that are wanted of a peer in a role.</summary>
    public IEnumerable<Check> Checks(Roles role) =>
        Catalogue.All.Where(check => check.Profiles.HasFlag(Profile) && check.Roles.HasFlag(role) && (Only.Count == 0 || Only.Any(check.IsNamedBy)));

    /// <summary>Shows everything but the password.</summary>
    public override string ToString() => $"{nameof(ProbeRequest)} {Profile} {Name}";
}

/// <summary>Probes peers.</summary>
public static class Prober
{
    /// <summary>Calls a peer and grades it as a responder.</summary>
    /// <param name="request">What to probe.</param>
    /// <param name="host">Its host name or address.</param>
    /// <param name="port">Its port.</param>
    /// <param name="stop">Ends it early: what is known then is in the report.</param>
    public static Task<Report> CallAsync(ProbeRequest request, string host, int port, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return RunAsync(request, Roles.Responder, host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}", session =>
            new ResponderProbe(session, OpenAsync).RunAsync(), stop);

        async Task<Socket> OpenAsync(CancellationToken time)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(host, port, time);
                return socket;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    /// <summary>Listens, and grades whoever calls as an initiator. The peer has to be made to call once for each conversation.</summary>
    /// <param name="request">What to probe.</param>
    /// <param name="address">The address to listen on.</param>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <param name="say">Told what each next call is for, and the port.</param>
    /// <param name="stop">Ends it early: what is known then is in the report.</param>
    public static async Task<Report> ListenAsync(ProbeRequest request, IPAddress address, int port, Action<string, int> say, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(address, port));
        listener.Listen();
        var bound = ((IPEndPoint)listener.LocalEndPoint!).Port;
        return await RunAsync(request, Roles.Initiator, $"port {bound}", session =>
            new InitiatorProbe(session, async time => await listener.AcceptAsync(time), purpose => say(purpose, bound)).RunAsync(), stop);
    }

    private static async Task<Report> RunAsync(ProbeRequest request, Roles role, string target, Func<Session, Task> probe, CancellationToken stop)
    {
        using var total = new CancellationTokenSource(request.Patience.Total, request.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(total.Token, stop);
        var session = new Session(request, role, either.Token);
        var at = request.Clock.GetUtcNow();
        try
        {
            await probe(session);
        }
        catch (OperationCanceledException)
        {
            session.Note ??= total.IsCancellationRequested ? $"The time for the whole probe was over ({request.Patience.Total.TotalSeconds:0} s)." : "The probe was ended.";
        }

        return new Report(target, request.Profile, role, at, session.Results(), session.Setup.Journal, session.Note);
    }
}

/// <summary>One probe: what both roles have in common.</summary>
internal sealed class Session
{
    private static readonly string[] ShownByHmac = ["2.hmac.1", "2.hmac.2", "5.chain.1", "5.number.1", "6.dhsk.1"];
    private static readonly string[] ShownByBodies = ["2.body.1", "5.iv.1"];
    private static readonly Member[] Required = [Member.MsgType, Member.Timestamp, Member.Crc, Member.Body];
    private static readonly bool[] Directions = [true, false];

    private readonly ProbeRequest _request;
    private readonly Roles _role;
    private readonly Dictionary<string, Result> _results = [];

    public Session(ProbeRequest request, Roles role, CancellationToken stop)
    {
        (_request, _role, Stop) = (request, role, stop);
        Setup = new Setup(request.Name, request.Password, request.Patience, request.Clock);
    }

    public Setup Setup { get; }

    public CancellationToken Stop { get; }

    public Profiles Profile => _request.Profile;

    public Patience Patience => _request.Patience;

    /// <summary>Why the probe ended early.</summary>
    public string? Note { get; set; }

    /// <summary>All conversations, which <see cref="GradeAll"/> compares and searches for secrets.</summary>
    public List<Talk> Talks { get; } = [];

    /// <summary>Whether a check is asked for.</summary>
    public bool Wants(string id) => _request.Checks(_role).Any(check => check.Id == id);

    public Talk Talk(Func<CancellationToken, Task<Socket>> open, Func<Line, Talk> make)
    {
        var talk = make(new Line(open, Setup.Clock, Stop));
        Talks.Add(talk);
        return talk;
    }

    /// <summary>Grades a check. One that is not required becomes not strict instead of failing. The first failure of a check stays.</summary>
    public void Grade(string id, Grade grade, string finding, IEnumerable<string>? deviations = null, IEnumerable<Evidence>? evidence = null)
    {
        var check = Catalogue.Find(id);
        if (_results.GetValueOrDefault(id)?.Grade is not (Conformance.Grade.Fail or Conformance.Grade.NotStrict))
        {
            grade = grade == Conformance.Grade.Fail && check.Level == Level.Should ? Conformance.Grade.NotStrict : grade;
            _results[id] = new Result(check, grade, finding, [.. deviations ?? []], [.. evidence ?? []]);
        }
    }

    /// <summary>The checks that are asked for, each with its result.</summary>
    public IReadOnlyList<Result> Results() =>
        [.. _request.Checks(_role).Select(check => _results.GetValueOrDefault(check.Id) ?? new Result(check, Conformance.Grade.NotReached, "The conversation did not come so far.", [], []))];

    /// <summary>Grades what a conversation shows by itself: everything that a dialect can have wrong.</summary>
    /// <param name="talk">The conversation that came furthest.</param>
    public void GradeDialect(Talk talk)
    {
        var deviations = Deviation.Of(talk.Dialect).ToArray();
        var pdus = talk.Received.Where(heard => heard.Pdu is not null).ToArray();
        var sealedPdus = pdus.Where(heard => heard.Pdu!.At(Member.HmacValue, talk.Dialect) is not null).ToArray();
        var isVerified = sealedPdus.Any(heard => heard.IsRight);
        var hasBody = sealedPdus.Any(heard => heard is { IsRight: true, Plaintext: not null });
        var isAnswered = talk.Stage >= Stage.Accepted;

        foreach (var group in deviations.GroupBy(deviation => deviation.Check))
        {
            Grade(group.Key, Conformance.Grade.Fail, string.Join(' ', group.Select(deviation => deviation.Sentence)), group.Select(deviation => deviation.Id), group.SelectMany(deviation => EvidenceOf(deviation, talk, pdus)));
        }

        var other = talk.Received.FirstOrDefault(heard => heard.Came is Came.Other or Came.TooMuch || (heard.Came == Came.Object && heard.Pdu is null));
        if (other is not null || talk.SawByteOrderMark)
        {
            Grade("1.pdu.1", Conformance.Grade.Fail, talk.SawByteOrderMark ? "A byte order mark stands in front of a PDU." : $"The peer {other!.InWords}.");
        }

        Pass("1.pdu.1", pdus.Length > 0, "Everything on the line was a PDU.");
        if (pdus.Length == 0)
        {
            return;
        }

        Pass("1.connection.1", talk.Stage >= Stage.Challenged, "It was one connection.");
        Grade("1.pdu.2", talk.WithoutLineFeed > 0 ? Conformance.Grade.NotStrict : Conformance.Grade.Pass, talk.WithoutLineFeed > 0 ? $"{talk.WithoutLineFeed} PDUs ended without a line feed." : "Each PDU ended with a line feed.");
        GradeNames(talk, pdus);
        if (pdus.FirstOrDefault(heard => !heard.Pdu!.IsSpelledAsByPython(talk.Dialect)) is { Pdu: { } spelled })
        {
            Grade("2.names.2", Conformance.Grade.NotStrict, "A PDU is spelled otherwise than json.dumps would.", null, [new Evidence(spelled.Bytes, 0, spelled.Bytes.Length, spelled.AsByPython(talk.Dialect))]);
        }

        Pass("2.names.2", true, "The PDUs are spelled as json.dumps does.");
        GradeTime(talk, pdus);
        GradeCrc(talk, pdus);
        GradeKey(talk, pdus);
        var bare = pdus.FirstOrDefault(heard => talk.Secrets is not null && heard.Type is not ("dh_1" or "dh_2") && heard.Pdu!.At(Member.HmacValue, talk.Dialect) is null);
        if (bare is not null)
        {
            Grade("2.sealed.1", Conformance.Grade.Fail, $"A PDU came without an HMAC ({bare.Type ?? "of no known type"}).", ["unsealed"], [Evidence.Of(bare.Pdu!, null, "a security member with hmac and enc_type")]);
        }

        Pass("2.sealed.1", sealedPdus.Length > 0, "Every PDU behind dh_2 was sealed.");
        if (sealedPdus.FirstOrDefault(heard => !heard.IsRight) is { } wrong)
        {
            Grade("2.hmac.1", Conformance.Grade.Fail, "The HMAC is wrong in every way that is known: another password, other keys, or another input.", null,
                [Evidence.Of(wrong.Pdu!, wrong.Pdu!.At(Member.HmacValue, talk.Dialect), "HMAC-SHA256 under hmac_key, over N and the PDU with crc and hmac_val replaced by 0")]);
        }

        foreach (var id in ShownByHmac.Where(Wants))
        {
            Pass(id, isVerified, "The peer's HMACs are right.");
        }

        foreach (var id in ShownByBodies.Where(Wants))
        {
            Pass(id, hasBody, "The peer's bodies decrypt.");
        }

        Pass("3.answer.1", isAnswered, "The answers are right.");
        if (talk.Challenge is { } challenge)
        {
            Grade("3.challenge.1", challenge.Length == 32 ? Conformance.Grade.Pass : Conformance.Grade.Fail, $"A challenge had {challenge.Length} bytes.");
        }
    }

    /// <summary>Grades what all conversations show together.</summary>
    public void GradeAll()
    {
        var challenges = Talks.Where(talk => talk.Challenge is not null).Select(talk => Convert.ToHexString(talk.Challenge!)).ToArray();
        if (challenges.Length > 1 && challenges.Distinct().Count() < challenges.Length)
        {
            _results.Remove("3.challenge.1");
            Grade("3.challenge.1", Conformance.Grade.Fail, $"{challenges.Length} conversations had {challenges.Distinct().Count()} different challenges.", ["challenge.same"]);
        }

        foreach (var talk in Talks.Where(talk => talk is { Secrets: not null, OtherKey: null }))
        {
            var keys = Directions.Select(fromInitiator => talk.Secrets!.Derive(talk.Dialect, fromInitiator)).SelectMany(keys => new[] { keys.Dhsk, keys.EncKey, keys.HmacKey, keys.ChapSecret });
            string[] needles = [.. talk.Secrets!.Needles.Where(needle => needle != Setup.Name), .. keys.SelectMany(key => new[] { Convert.ToHexStringLower(key), Convert.ToBase64String(key) })];
            foreach (var pdu in talk.Received.Select(heard => heard.Pdu).OfType<Wire>())
            {
                var text = System.Text.Encoding.Latin1.GetString(pdu.Bytes);
                if (needles.FirstOrDefault(needle => text.Contains(needle, StringComparison.Ordinal)) is { } needle)
                {
                    var at = text.IndexOf(needle, StringComparison.Ordinal);
                    Grade("5.secret.1", Conformance.Grade.Fail, "A secret stands in a PDU for everybody to read.", [talk.Dialect.HmacBy == HmacBy.KeyItself ? "hmac.key-itself" : "key.clear"],
                        [new Evidence(pdu.Bytes, at, at + needle.Length, "nothing that is secret")]);
                }
            }
        }

        Pass("5.secret.1", Talks.Any(talk => talk.Secrets is not null), "No secret was seen on the line.");
    }

    /// <summary>Gives a pass to a check that has no grade yet.</summary>
    public void Pass(string id, bool isReached, string finding)
    {
        if (isReached && !_results.ContainsKey(id))
        {
            Grade(id, Conformance.Grade.Pass, finding);
        }
    }

    private void GradeNames(Talk talk, Heard[] pdus)
    {
        var missing = pdus.SelectMany(heard => Required.Where(member => heard.Pdu!.At(member, talk.Dialect) is null).Select(member => (heard.Pdu!, member))).FirstOrDefault();
        if (missing.member is not null)
        {
            Grade("2.names.1", Conformance.Grade.Fail, $"The member {missing.member.PathIn(Profile)} is not there.", null, [Evidence.Of(missing.Item1, null, "all members of section 2")]);
        }

        if (pdus.FirstOrDefault(heard => heard.Type is null) is { Pdu: { } strange })
        {
            Grade("2.names.1", Conformance.Grade.Fail, "The msg_type is none of the page's.", null, [Evidence.Of(strange, strange.At(Member.MsgType, talk.Dialect), "one of dh_1 dh_2 hello chall resp ack nack text")]);
        }

        Pass("2.names.1", true, "Members and words are the page's.");
    }

    private void GradeTime(Talk talk, Heard[] pdus)
    {
        foreach (var heard in pdus)
        {
            var token = heard.Pdu!.At(Member.Timestamp, talk.Dialect);
            if (Codec.ReadTime(heard.Pdu, talk.Dialect) is not { } time)
            {
                Grade("2.timestamp.1", Conformance.Grade.Fail, "The timestamp is no number of seconds.", null, [Evidence.Of(heard.Pdu, token, "seconds since the Unix epoch, such as 1700000000.259")]);
                continue;
            }

            var offBy = heard.At - time.Seconds - (talk.Dialect.MinutesFromUtc * 60);
            if (Math.Abs(offBy) > Timestamp.WindowSeconds)
            {
                Grade("2.timestamp.2", Conformance.Grade.Fail, $"The timestamp is {Math.Abs(offBy):0} s {(offBy > 0 ? "behind" : "ahead of")} our clock.", null, [Evidence.Of(heard.Pdu, token, "UTC")]);
            }
        }

        Pass("2.timestamp.1", true, "Timestamps are numbers of seconds.");
        Pass("2.timestamp.2", true, "Timestamps are UTC.");
    }

    private void GradeCrc(Talk talk, Heard[] pdus)
    {
        if (pdus.FirstOrDefault(heard => !Recogniser.HasGoodCrc(heard.Pdu!, talk.Dialect)) is { Pdu: { } pdu })
        {
            Grade("2.crc.1", Conformance.Grade.Fail, "The CRC is wrong in every way that is known.", null, [CrcEvidence(pdu, talk)]);
        }

        Pass("2.crc.1", true, "The CRCs are right.");
        Pass("2.crc.2", true, "CRCs are unsigned numbers.");
    }

    private void GradeKey(Talk talk, Heard[] pdus)
    {
        var id = Profile == Profiles.Modern ? "4.key.1" : "6.key.1";
        if (pdus.FirstOrDefault(heard => heard.Type is "dh_1" or "dh_2") is not { Pdu: { } pdu } dh)
        {
            return;
        }

        var (key, name, word) = (pdu.At(Member.Key, talk.Dialect), pdu.At(Member.Username, talk.Dialect), pdu.At(Member.ProfileWord, talk.Dialect));
        var problem = key is null ? "There is no key."
            : talk.Secrets is null ? "The public value cannot be read."
            : name is null && (dh.Type == "dh_1" || Profile == Profiles.Modern) ? "There is no user name."
            : Profile == Profiles.Modern && dh.Type == "dh_1" && word?.Text != "modern" ? "\"profile\": \"modern\" is not there."
            : Profile == Profiles.Modern && Codec.FromText(key.Text, 32) is { Form: not ByteForm.Base64 } ? "The public value is not in base64."
            : null;
        if (problem is not null)
        {
            Grade(id, Conformance.Grade.Fail, problem, null, [Evidence.Of(pdu, key, Profile == Profiles.Modern ? "32 bytes in base64, beside username" : "base64 of the decimal digits")]);
        }

        Pass(id, true, "The public value and the name are where they belong.");
    }

    private static Evidence CrcEvidence(Wire pdu, Talk talk) => Evidence.Of(pdu, pdu.At(Member.Crc, talk.Dialect),
        Codec.Crc(pdu, talk.Dialect, !talk.Dialect.IsModern && pdu.At(Member.HmacValue, talk.Dialect) is null ? CrcOver.Absent : CrcOver.Page).ToString(System.Globalization.CultureInfo.InvariantCulture));

    // The first PDU in which the deviation shows, with the wrong value.
    private IEnumerable<Evidence> EvidenceOf(Deviation deviation, Talk talk, Heard[] pdus)
    {
        var shown = pdus.Where(heard => heard.Pdu!.At(deviation.Mark, talk.Dialect) is { } token && (deviation.Shows is not (Shows.Sealed or Shows.Bodies) || heard.Pdu!.At(Member.HmacValue, talk.Dialect) is not null)
            && (deviation.Mark != Member.Body || token.IsString));
        if (deviation.Id.StartsWith("word.", StringComparison.Ordinal))
        {
            shown = shown.Where(heard => heard.Pdu!.At(deviation.Mark, talk.Dialect)!.Text == deviation.Id[5..]);
        }

        if (deviation.Shows == Shows.Line || shown.FirstOrDefault() is not { Pdu: { } pdu })
        {
            yield break;
        }

        var mark = pdu.At(deviation.Mark, talk.Dialect)!;
        yield return deviation.Check == "2.crc.1" || deviation.Check == "2.crc.2" ? CrcEvidence(pdu, talk)
            : deviation.Id.StartsWith("name.", StringComparison.Ordinal) ? new Evidence(pdu.Bytes, mark.NameStart, mark.NameStart + deviation.Id.Length - 3, deviation.Mark.In(Profile))
            : deviation.Mark == Member.HmacValue ? Evidence.Of(pdu, mark, RightHmac(pdu, talk, pdus))
            : Evidence.Of(pdu, mark, Catalogue.Find(deviation.Check).Sentence);
    }

    // The HMAC that the page's own dialect gives the PDU as the peer sent it.
    private string RightHmac(Wire pdu, Talk talk, Heard[] pdus)
    {
        var page = Recogniser.Merge(Dialect.Of(Profile), talk.Dialect);
        var number = pdus.TakeWhile(heard => heard.Pdu != pdu).Count(heard => heard.Pdu!.At(Member.HmacValue, talk.Dialect) is not null);
        return Convert.ToBase64String(Codec.Hmac(pdu, page, talk.Secrets!.Derive(page, _role == Roles.Initiator), (ulong)number, talk.Password, plaintext: null));
    }
}

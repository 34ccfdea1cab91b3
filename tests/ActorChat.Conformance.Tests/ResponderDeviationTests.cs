// Every known mistake: a peer that makes it is told so, and told nothing else.

namespace ActorChat.Conformance.Tests;

public sealed class ResponderDeviationTests
{
    private static readonly Patience Short = new(TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(10));

    // What one conversation shows by itself, without the trials.
    public static readonly string[] Shown =
    [
        "1.connection", "1.pdu", "2.names", "2.timestamp", "2.crc.1", "2.crc.2", "2.sealed", "2.hmac.1", "2.hmac.2", "2.body", "3.order", "3.challenge", "3.answer", "3.close",
        "4.key.1", "5.chain", "5.number", "5.iv", "5.secret", "6.key.1", "6.dhsk", "6.ack",
    ];

    public static TheoryData<Profiles, string> Dialects
    {
        get
        {
            var data = new TheoryData<Profiles, string>();
            foreach (var profile in new[] { Profiles.Classic, Profiles.Modern })
            {
                string[] names = ["name.hash", "name.hamc_type", "name.message", "name.encryption", "name.checksum", "word.dh1", "word.challenge", "word.response"];
                string[] others = profile == Profiles.Modern ? ["name.val", "name.type", "name.user", "word.AES256-CBC"] : ["name.hmac_val", "name.hmac_type", "name.username", "word.AES256CBC"];
                foreach (var id in Deviation.All.Where(deviation => deviation.Profiles.HasFlag(profile)).Select(deviation => deviation.Id).Concat(names).Concat(others).Append("unsealed"))
                {
                    data.Add(profile, id);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_dialect_is_named_and_no_other(Profiles profile, string mistake)
    {
        var report = await ProbeAsync(profile, mistake, Shown);
        Assert.True(report.Deviations.SequenceEqual([mistake]), Explain(report));
        Assert.False(report.Holds, Explain(report));
        Assert.True(report.Results.Single(result => result.Check.Id == "3.order.1").Grade == Grade.Pass, Explain(report));
    }

    [Theory]
    [InlineData("line.one-read")]
    [InlineData("line.needs-line-feed")]
    [InlineData("size.unlimited")]
    [InlineData("unknown.refused")]
    [InlineData("crc.reparsed")]
    [InlineData("duplicate.taken")]
    [InlineData("crc.unchecked")]
    [InlineData("hmac.unchecked")]
    [InlineData("key.unchecked")]
    [InlineData("names.told")]
    [InlineData("answer.unchecked")]
    [InlineData("text.early")]
    [InlineData("text.second")]
    [InlineData("replay.taken")]
    [InlineData("challenge.same")]
    [InlineData("key.clear")]
    [InlineData("window.narrow", Profiles.Classic, "timestamp.window")]
    [InlineData("window.wide", Profiles.Classic, "timestamp.window")]
    [InlineData("window.refused", Profiles.Classic, "timestamp.window")]
    [InlineData("password.any")]
    [InlineData("line.one-pdu", Profiles.Modern)]
    [InlineData("id.refused", Profiles.Modern)]
    [InlineData("number.uncounted", Profiles.Modern)]
    public async Task A_wrong_thing_that_is_done_is_named_and_no_other(string mistake, Profiles profile = Profiles.Classic, string? name = null)
    {
        var report = await ProbeAsync(profile, mistake);
        Assert.True(report.Deviations.SequenceEqual([name ?? mistake]), Explain(report));
        Assert.False(report.Holds, Explain(report));
    }

    [Theory]
    [InlineData(Profiles.Modern)]
    [InlineData(Profiles.Classic)]
    public async Task A_right_peer_passes_every_check(Profiles profile)
    {
        var report = await ProbeAsync(profile, "");
        Assert.True(report.Holds && report.Results.All(result => result.Grade is Grade.Pass or Grade.NotApplicable), Explain(report));
    }

    // It writes wrongly and reads rightly: to speak its dialect to it would be wrong.
    [Theory]
    [InlineData("crc.hex")]
    [InlineData("timestamp.string")]
    [InlineData("hmac.ciphertext")]
    [InlineData("number.absent", Profiles.Modern)]
    public async Task A_mistake_of_the_sending_half_alone_is_named(string mistake, Profiles profile = Profiles.Classic)
    {
        using var peer = new WrongPeer(profile, mistake) { ReadsRightly = true };
        var report = await Prober.CallAsync(new ProbeRequest(profile, WrongPeer.Caller, WrongPeer.Password, [], Short, TimeProvider.System), "127.0.0.1", peer.Listen());
        Assert.True(report.Deviations.SequenceEqual([mistake]), Explain(report));
        Assert.True(report.Results.Count(result => result.Grade is not (Grade.Pass or Grade.NotApplicable)) == 1, Explain(report));
    }

    [Theory]
    [InlineData("line-feed.missing", "1.pdu.2")]
    [InlineData("nack.missing", "2.nack.1")]
    public async Task What_is_only_advised_is_not_strict(string mistake, string check)
    {
        var report = await ProbeAsync(Profiles.Classic, mistake);
        Assert.True(report.Holds, Explain(report));
        Assert.Equal([check], report.Results.Where(result => result.Grade == Grade.NotStrict).Select(result => result.Check.Id));
    }

    private static async Task<Report> ProbeAsync(Profiles profile, string mistake, params string[] only)
    {
        using var peer = new WrongPeer(profile, mistake);
        return await Prober.CallAsync(new ProbeRequest(profile, WrongPeer.Caller, WrongPeer.Password, only, Short, TimeProvider.System), "127.0.0.1", peer.Listen());
    }

    public static string Explain(Report report) => $"named: {string.Join(", ", report.Deviations)}\n{report.Note}\n"
        + string.Join('\n', report.Results.Where(result => result.Grade is not (Grade.Pass or Grade.NotApplicable)).Select(result => $"{result.Grade} {result.Check.Id} {result.Finding}"));
}

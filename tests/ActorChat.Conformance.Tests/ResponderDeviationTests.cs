// Every known mistake: a peer that makes it is told so, and told nothing else.

namespace ActorChat.Conformance.Tests;

public sealed class ResponderDeviationTests
{
    private static readonly Patience Short = new(TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(250), TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(10));

    public static TheoryData<Profiles, string> Mistakes
    {
        get
        {
            var data = new TheoryData<Profiles, string>();
            foreach (var profile in new[] { Profiles.Classic, Profiles.Modern })
            {
                foreach (var deviation in Deviation.All.Where(deviation => deviation.Profiles.HasFlag(profile)))
                {
                    data.Add(profile, deviation.Id);
                }

                foreach (var name in new[] { "name.hash", "name.hamc_type", "name.message", "name.encryption", "name.checksum", "word.dh1", "word.challenge", "word.response" })
                {
                    data.Add(profile, name);
                }

                foreach (var name in profile == Profiles.Modern ? ["name.val", "name.type", "name.user", "word.AES256-CBC"] : new[] { "name.hmac_val", "name.hmac_type", "name.username", "word.AES256CBC" })
                {
                    data.Add(profile, name);
                }

                foreach (var unchecked_ in new[]
                {
                    "line.one-read", "line.needs-line-feed", "size.unlimited", "unknown.refused", "duplicate.taken", "crc.unchecked", "hmac.unchecked", "key.unchecked", "names.told", "answer.unchecked",
                    "text.early", "text.second", "replay.taken", "challenge.repeated", "secret.clear", "unsealed", "window.narrow", "window.wide", "window.refused",
                })
                {
                    data.Add(profile, unchecked_);
                }
            }

            foreach (var modern in new[] { "line.one-pdu", "id.refused", "window.uncounted" })
            {
                data.Add(Profiles.Modern, modern);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_named_and_no_other(Profiles profile, string mistake)
    {
        var report = await ProbeAsync(profile, mistake);
        Assert.True(report.Deviations.SequenceEqual([mistake]), Explain(report));
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

    [Theory]
    [InlineData("line-feed.missing", "1.pdu.2")]
    [InlineData("nack.missing", "2.nack.1")]
    public async Task What_is_only_advised_is_not_strict(string mistake, string check)
    {
        var report = await ProbeAsync(Profiles.Classic, mistake);
        Assert.True(report.Holds, Explain(report));
        Assert.Equal([check], report.Results.Where(result => result.Grade == Grade.NotStrict).Select(result => result.Check.Id));
    }

    private static async Task<Report> ProbeAsync(Profiles profile, string mistake)
    {
        using var peer = new WrongPeer(profile, mistake);
        return await Prober.CallAsync(new ProbeRequest(profile, WrongPeer.Caller, WrongPeer.Password, null, Short, TimeProvider.System), "127.0.0.1", peer.Listen());
    }

    private static string Explain(Report report) => $"named: {string.Join(", ", report.Deviations)}\n{report.Note}\n"
        + string.Join('\n', report.Results.Where(result => result.Grade is not (Grade.Pass or Grade.NotApplicable)).Select(result => $"{result.Grade} {result.Check.Id} {result.Finding}"));
}

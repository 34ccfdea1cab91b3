// Every mistake that a called peer can make with what it receives: the probe names it, and no other.

namespace ActorChat.Conformance.Tests;

public sealed class ResponderTrialTests
{
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
        var report = await Probe.CallAsync(profile, mistake);
        Assert.True(report.Deviations.SequenceEqual([name ?? mistake]), Probe.Explain(report));
        Assert.True(report.Results.Count(result => result.Grade is Grade.Fail or Grade.NotReached) == 1, Probe.Explain(report));
    }

    [Theory]
    [InlineData(Profiles.Modern)]
    [InlineData(Profiles.Classic)]
    public async Task A_right_peer_passes_every_check(Profiles profile)
    {
        var report = await Probe.CallAsync(profile, "");
        Assert.True(report.Holds && report.Results.All(result => result.Grade is Grade.Pass or Grade.NotApplicable), Probe.Explain(report));
    }

    // The peer makes the mistake in what it sends and reads correctly, so the probe must not answer in that dialect.
    [Theory]
    [InlineData("crc.hex")]
    [InlineData("timestamp.string")]
    [InlineData("hmac.ciphertext")]
    [InlineData("number.absent", Profiles.Modern)]
    public async Task A_mistake_of_the_sending_half_alone_is_named(string mistake, Profiles profile = Profiles.Classic)
    {
        using var peer = new WrongPeer(profile, mistake) { ReadsRightly = true };
        var report = await Prober.CallAsync(new ProbeRequest(profile, WrongPeer.Caller, WrongPeer.Password, [], Probe.Short, TimeProvider.System), "127.0.0.1", peer.Listen());
        Assert.True(report.Deviations.SequenceEqual([mistake]), Probe.Explain(report));
        Assert.True(report.Results.Count(result => result.Grade is not (Grade.Pass or Grade.NotApplicable)) == 1, Probe.Explain(report));
    }

    [Theory]
    [InlineData("line-feed.missing", "1.pdu.2")]
    [InlineData("nack.missing", "2.nack.1")]
    public async Task What_is_only_advised_is_not_strict(string mistake, string check)
    {
        var report = await Probe.CallAsync(Profiles.Classic, mistake);
        Assert.True(report.Holds, Probe.Explain(report));
        Assert.Equal([check], report.Results.Where(result => result.Grade == Grade.NotStrict).Select(result => result.Check.Id));
    }
}

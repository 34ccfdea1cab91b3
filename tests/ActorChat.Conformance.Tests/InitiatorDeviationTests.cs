// The same mistakes in a peer that calls. It calls as often as the probe needs.

using System.Net;

namespace ActorChat.Conformance.Tests;

public sealed class InitiatorDeviationTests
{
    public static TheoryData<Profiles, string> Dialects => ResponderDeviationTests.Dialects;

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_dialect_is_named_and_no_other(Profiles profile, string mistake)
    {
        var report = await ProbeAsync(profile, mistake, Probe.Shown);
        Assert.True(report.Deviations.SequenceEqual([mistake]), Probe.Explain(report));
        Assert.False(report.Holds, Probe.Explain(report));
        Assert.True(report.Results.Single(result => result.Check.Id == "3.order.1").Grade == Grade.Pass, Probe.Explain(report));
    }

    [Theory]
    [InlineData("line.one-read")]
    [InlineData("crc.unchecked")]
    [InlineData("hmac.unchecked")]
    [InlineData("key.unchecked")]
    [InlineData("answer.unchecked")]
    [InlineData("name.unchecked", Profiles.Modern)]
    [InlineData("text.plain", Profiles.Modern)]
    public async Task A_wrong_thing_that_is_taken_is_named_and_no_other(string mistake, Profiles profile = Profiles.Classic)
    {
        var report = await ProbeAsync(profile, mistake);
        Assert.True(report.Deviations.SequenceEqual([mistake]), Probe.Explain(report));
        Assert.True(report.Results.Count(result => result.Grade is Grade.Fail or Grade.NotReached) == 1, Probe.Explain(report));
    }

    // A peer often makes more than one mistake.
    [Theory]
    [InlineData(Profiles.Classic, "crc.hex+hmac.hex+body.hex+name.hash")]
    [InlineData(Profiles.Classic, "crc.null+hmac.ciphertext+chain.separate")]
    [InlineData(Profiles.Classic, "key.hex+hmac.by-password+dhsk.big-endian")]
    [InlineData(Profiles.Classic, "word.challenge+hmac.base64-of-hex+chain.hex-keys+chain.hex-iv")]
    [InlineData(Profiles.Modern, "crc.absent+number.absent+chain.one")]
    [InlineData(Profiles.Modern, "timestamp.string+ad.line-feed+iv.fixed")]
    public async Task Several_mistakes_at_once_are_named(Profiles profile, string mistakes)
    {
        var report = await ProbeAsync(profile, mistakes, Probe.Shown);
        Assert.True(report.Deviations.Order().SequenceEqual(mistakes.Split('+').Order()), Probe.Explain(report));
        Assert.True(report.Results.Single(result => result.Check.Id == "3.order.1").Grade == Grade.Pass, Probe.Explain(report));
    }

    [Theory]
    [InlineData(Profiles.Modern)]
    [InlineData(Profiles.Classic)]
    public async Task A_right_peer_passes_every_check(Profiles profile)
    {
        var report = await ProbeAsync(profile, "");
        Assert.True(report.Holds && report.Results.All(result => result.Grade == Grade.Pass), Probe.Explain(report));
    }

    private static async Task<Report> ProbeAsync(Profiles profile, string mistake, params string[] only)
    {
        using var peer = new WrongPeer(profile, mistake);
        Task calls = Task.CompletedTask;
        return await Prober.ListenAsync(
            new ProbeRequest(profile, WrongPeer.Called, WrongPeer.Password, only, Probe.Short, TimeProvider.System), IPAddress.Loopback, 0, (_, port) => calls = CallAfterAsync(calls, peer, port));
    }

    private static async Task CallAfterAsync(Task before, WrongPeer peer, int port)
    {
        await before;
        await peer.CallAsync(port);
    }
}

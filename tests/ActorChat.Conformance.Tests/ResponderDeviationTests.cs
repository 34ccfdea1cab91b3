// Every known mistake in the way a called peer speaks: the probe names it, and no other.

namespace ActorChat.Conformance.Tests;

public sealed class ResponderDeviationTests
{
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
        var report = await Probe.CallAsync(profile, mistake, Probe.Shown);
        Assert.True(report.Deviations.SequenceEqual([mistake]), Probe.Explain(report));
        Assert.False(report.Holds, Probe.Explain(report));
        Assert.True(report.Results.Single(result => result.Check.Id == "3.order.1").Grade == Grade.Pass, Probe.Explain(report));
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
        var report = await Probe.CallAsync(profile, mistakes, Probe.Shown);
        Assert.True(report.Deviations.Order().SequenceEqual(mistakes.Split('+').Order()), Probe.Explain(report));
        Assert.True(report.Results.Single(result => result.Check.Id == "3.order.1").Grade == Grade.Pass, Probe.Explain(report));
    }
}
